"""Keep memory that was freed for the next picture.

The C library gives large buffers back to the system as soon as they are free, and the system clears every page anew:
at 384 pixels that is a quarter of the light network's time.
"""

from __future__ import annotations

import ctypes
import sys

TRIM, MMAP = -1, -3  # of mallopt(3) in glibc
FREED = 256 * 2**20  # bytes that stay for the next picture
ALONE = 32 * 2**20  # bytes from which a buffer comes from the system and goes back to it, the most that glibc allows


def keep_freed() -> bool:
    """Tell the C library of this process; whether it has understood. Without glibc nothing happens."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(TRIM, FREED) and mallopt(MMAP, ALONE))
