"""The folder for downloaded packages and for what is computed from them once (`JUST_LOOK_CACHE`). Imports no torch."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """The folder, which may not exist yet; read from the environment at each call."""
    return Path(os.environ.get("JUST_LOOK_CACHE", "~/.cache/just-look")).expanduser()
