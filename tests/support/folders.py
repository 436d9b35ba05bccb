"""Where the repository and the tests' studies lie."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
STUDIES = ROOT / "tests" / "studies"
