"""The folders of studies and their pictures."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "studies"
BUILT = ROOT / "data" / "studies"  # pictures drawn ahead by `python -m studies build`
UPLOADED = Path(os.environ.get("JUST_LOOK_STUDIES") or ROOT / "data" / "brought")  # by owners
