"""Where studies and their pictures lie."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "studies"
BUILT = ROOT / "data" / "studies"  # pictures drawn ahead by `python -m studies build`
BROUGHT = Path(os.environ.get("JUST_LOOK_STUDIES") or ROOT / "data" / "brought")  # studies that owners uploaded
