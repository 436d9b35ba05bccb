"""Memory of the process after stopped paintings."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from PIL import Image

from serving.engine.painting import Painting
from serving.local import LocalEngine
from serving.local.painting import default_options

STOPPED = 20
SETTLED = 5  # paintings after which the memory of the allocator is steady
SIDE = 128


def stopped_paintings(engine: LocalEngine, photo: Image.Image, painting: Image.Image) -> list[int]:
    """Start paintings, stop each after its fourth frame, and return the memory of the process after each, in bytes."""
    levels = []
    options = replace(default_options(), scales=2, coarse_steps=2)
    for _ in range(STOPPED):
        frames = engine.paint(photo, [Painting(painting)], side=SIDE, options=options, interval=0.0)
        for _ in range(4):
            next(frames)
        frames.close()  # type: ignore[attr-defined] # a generator
        levels.append(resident())
    return levels


def resident() -> int:
    """The memory of this process, in bytes."""
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
