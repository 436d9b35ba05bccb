"""Keep memory that was freed for the next picture.

The C library gives large buffers back to the system as soon as they are free, and the system clears every page anew:
at 384 pixels that is a quarter of the light network's time. If all of it were kept, what a crowd of visitors has used
would stay for ever: so threads share two pools, and what has piled up is given back from time to time.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from functools import cache

import psutil

TRIM, MMAP, POOLS = -1, -3, -8  # of mallopt(3) in glibc
FREED = 256 * 2**20  # bytes that stay for the next picture
MOST_POOLS = 2  # of memory, shared by all threads; glibc makes eight a core, which keep more than trimming frees
PILED = 64 * 2**20  # bytes of growth after which what is free is given back
EVERY_S = 10.0  # between two looks at what has piled up
ALONE = 32 * 2**20  # bytes from which a buffer comes from the system and goes back to it, the most that glibc allows


def keep_freed() -> bool:
    """Have this process's C library keep freed memory; whether it will. Without glibc nothing happens."""
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    values = {TRIM: FREED, MMAP: ALONE, POOLS: MOST_POOLS}
    return mallopt is not None and all(mallopt(name, value) for name, value in values.items())


class Pile:
    """Gives freed memory back once the process has grown by `PILED` since the last time."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._settled = self._process.memory_info().rss
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None

    def clear(self) -> bool:
        """Give freed memory back if enough has piled up; whether it had."""
        if self._trim is None or self._process.memory_info().rss < self._settled + PILED:
            return False
        self._trim(0)
        self._settled = self._process.memory_info().rss
        return True


@cache
def clear_often() -> None:
    """Give freed memory back in a background thread of this process; a second call starts no second thread."""
    pile = Pile()

    def work() -> None:
        while True:
            time.sleep(EVERY_S)
            pile.clear()

    threading.Thread(target=work, name="freed memory", daemon=True).start()
