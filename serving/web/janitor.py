"""Removes temporary files by age and by bytes, oldest first."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator, Set
from dataclasses import dataclass
from pathlib import Path

from serving.web.addresses import MB
from serving.web.limits import number

log = logging.getLogger("just_look.files")

EVERY_S = 20.0  # between two sweeps


@dataclass(frozen=True)
class FileBounds:
    """What may stay.

    Attributes:
        age_s: seconds since a file was last written or used.
        bytes: of all files together.
        broken_s: seconds since the last byte of an upload that never ended.
    """

    age_s: float = 3600.0
    bytes: float = 2048 * MB
    broken_s: float = 300.0

    @classmethod
    def from_environment(cls) -> FileBounds:
        """The bounds as the settings say.

        Raises:
            ValueError: a setting is not a positive number; the message names it.
        """
        return cls(
            age_s=60 * number("JUST_LOOK_FILES_MINUTES", cls.age_s / 60),
            bytes=MB * number("JUST_LOOK_FILES_MB", cls.bytes / MB),
        )


def sweep(folder: Path, bounds: FileBounds, *, keep: Set[Path], now: float | None = None) -> int:
    """Remove what is too old, then the oldest until the rest fits; empty folders go too.

    Args:
        folder: is never removed itself.
        bounds: what may stay.
        keep: the files that stay whatever their age.
        now: the time, in seconds since the epoch.

    Returns:
        How many files were removed.
    """
    now = time.time() if now is None else now
    files = sorted(((state.st_mtime, state.st_size, path) for path, state in _files(folder) if path not in keep))
    total, removed = sum(size for _, size, _ in files), 0
    for written, size, path in files:
        limit = bounds.broken_s if path.parent == folder and path.name.startswith("tmp") else bounds.age_s
        if now - written <= limit and total <= bounds.bytes:
            continue
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a temporary file could not be removed: %s", error)
            continue
        removed += 1
        total -= size
        with contextlib.suppress(OSError):  # not empty
            if path.parent != folder:
                path.parent.rmdir()
    return removed


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for parent, _, names in os.walk(folder):
        for name in names:
            path = Path(parent) / name
            with contextlib.suppress(OSError):
                yield path, path.lstat()


class Janitor:
    """Sweeps a folder in the background.

    Args:
        folder: the temporary files.
        bounds: what may stay.
        keep: the files that stay whatever their age.
    """

    def __init__(self, folder: Path, bounds: FileBounds, *, keep: Set[Path]) -> None:
        self._folder, self._bounds, self._keep = folder, bounds, keep
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="janitor", daemon=True)

    def start(self) -> None:
        """Begin to sweep."""
        self._thread.start()

    def stop(self) -> None:
        """Sweep no more."""
        self._over.set()

    def _work(self) -> None:
        while not self._over.wait(EVERY_S):
            removed = sweep(self._folder, self._bounds, keep=self._keep)
            if removed:
                log.info("removed %s temporary files", removed)
