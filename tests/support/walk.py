"""Which of the project's files a call passes through, in the order in which it first enters each."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from tests.support.folders import ROOT

PARTS = ("app.py", "assets", "demos", "evaluation", "media", "models", "serving", "studies")


def documented(name: str) -> list[str]:
    """The files of a walk, as docs/architecture.md lists them."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (block,) = re.findall(rf"<!-- walk: {name} -->\n(.*?)<!-- end -->", text, re.S)
    return re.findall(r"^\d+\. `([^`]+)`", block, re.M)


@contextmanager
def walked() -> Iterator[list[str]]:
    """Collect the files whose functions run inside the block, in any thread; importing a module is no visit."""
    files: dict[str, None] = {}
    places = {str(ROOT / part) for part in PARTS}
    known: dict[str, str | None] = {}

    def name_of(file: str) -> str | None:
        inside = any(file == place or file.startswith(f"{place}/") for place in places)
        return str(Path(file).relative_to(ROOT)) if inside else None

    def enter(frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or frame.f_code.co_name in ("<module>", "<lambda>") or frame.f_code.co_name[:1].isupper():
            return
        file = frame.f_code.co_filename
        if file not in known:
            known[file] = name_of(file)
        if (name := known[file]) is not None:
            files.setdefault(name)

    visited: list[str] = []
    threading.setprofile(enter)
    sys.setprofile(enter)
    try:
        yield visited
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        visited += files
