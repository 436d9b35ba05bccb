"""What the app takes of the machine while others use it: memory, disk, threads, open files, its log."""

from __future__ import annotations

import contextlib
import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support.app_server import AppProcess

MB = 2**20
EVERY_S = 2.0
FILES_MB = 64  # bound of the temporary files of a watched app
DISK_MB = FILES_MB + 64  # what may come between two sweeps of them, 20 s apart, is above it


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What the app takes at a moment.

    Attributes:
        at: seconds since the watch began.
        memory: bytes of the process and its children; a shared page counts in parts (PSS).
        disk: bytes in the folder of temporary files.
        threads: of the process and its children.
        files: open files and connections of them.
        log: bytes in the log.
    """

    at: float
    memory: int
    disk: int
    threads: int
    files: int
    log: int


class Watch:
    """Reads what a running app takes every two seconds."""

    def __init__(self, app: AppProcess) -> None:
        self.readings: list[Usage] = []
        self._app, self._begun, self._over = app, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)

    def at(self, start: float, end: float) -> list[Usage]:
        """The readings between two moments, seconds since the watch began."""
        return [reading for reading in self.readings if start <= reading.at < end]

    def level(self, start: float, end: float) -> float:
        """The memory between two moments: the median of the readings, in bytes."""
        return statistics.median(reading.memory for reading in self.at(start, end))

    @property
    def highest_memory(self) -> int:
        """The most bytes of memory at a moment."""
        return max(reading.memory for reading in self.readings)

    @property
    def highest_disk(self) -> int:
        """The most bytes of temporary files."""
        return max(reading.disk for reading in self.readings)

    @contextmanager
    def reading(self) -> Iterator[Watch]:
        """Read while the block runs."""
        self._begun = time.monotonic()  # and not before: others may have been there alone
        self._thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._thread.join()

    def _work(self) -> None:
        while not self._over.wait(EVERY_S):
            with contextlib.suppress(psutil.NoSuchProcess):
                self.readings.append(self.now())

    def now(self) -> Usage:
        """Read once."""
        process = psutil.Process(self._app.process.pid)
        family = [process, *process.children(recursive=True)]
        memory = threads = files = 0
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                memory += member.memory_full_info().pss
                threads += member.num_threads()
                files += member.num_fds()
        return Usage(
            at=time.monotonic() - self._begun,
            memory=memory,
            disk=folder_bytes(self._app.folder / "gradio"),
            threads=threads,
            files=files,
            log=self._app.log.stat().st_size,
        )


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder; those that go meanwhile don't count."""
    total = 0
    for place, _, names in os.walk(folder):  # which leaves out a folder that goes meanwhile
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).stat().st_size
    return total


def table(readings: list[Usage], *, every_s: float = 60.0) -> list[str]:
    """Lines that show what the app takes, a line for each `every_s` seconds."""
    lines = [f"{'minute':>8}{'memory MB':>11}{'disk MB':>9}{'threads':>9}{'open files':>12}{'log kB':>8}"]
    end = readings[-1].at
    for number in range(int(end // every_s) + 1):
        part = [reading for reading in readings if number * every_s <= reading.at < (number + 1) * every_s]
        if not part:
            continue
        memory = statistics.median(reading.memory for reading in part) / MB
        last = part[-1]
        lines.append(
            f"{(number + 1) * every_s / 60:8.1f}{memory:11.0f}{max(r.disk for r in part) / MB:9.1f}"
            f"{max(r.threads for r in part):9}{max(r.files for r in part):12}{last.log / 1024:8.0f}"
        )
    return lines
