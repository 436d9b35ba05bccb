"""A disk that is full, and a clock that jumps."""

from __future__ import annotations

import errno
import os
import shutil
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from benchmarks.serve.faults.outcome import FaultOutcome, during_votes

DISK_MB = 24
FULL_S = 3.0
HOURS = 3_600
JUMPS = {"2 h back": -2 * HOURS, "30 days back": -720 * HOURS, "3 days ahead": 72 * HOURS, "back to the true time": 0}


class MissingError(RuntimeError):
    """This machine lacks what a fault needs; the message says what."""


def full_disk(folder: Path, times: int) -> FaultOutcome:
    """The disk of the votes and of the temporary files is full for three seconds, then there is space again."""
    with _small_disk(folder / "disk") as disk:
        options = {
            "database": f"sqlite:///{disk}/votes.sqlite3",
            "environment": {"GRADIO_TEMP_DIR": str(disk / "gradio")},
        }
        with during_votes("disk full for 3 s", folder, **options) as (outcome, _, voting):
            for _ in range(times):
                voting.wait_for(10)
                _fill(disk / "ballast")
                time.sleep(FULL_S)
                (disk / "ballast").unlink()
                outcome.recovered.append(voting.wait_for())
    return outcome


def jumping_clock(folder: Path, times: int) -> FaultOutcome:
    """The clock jumps two hours and thirty days back, three days ahead, and returns to the true time."""
    library, offset = _built(folder), folder / "offset"
    offset.write_bytes(struct.pack("q", 0))
    moved = {"LD_PRELOAD": str(library), "CLOCK_OFFSET_FILE": str(offset)}
    with during_votes("clock: -2 h, -30 days, +3 days, true time", folder, environment=moved) as (outcome, _, voting):
        for _, seconds in zip(range(times), cycle(JUMPS.values()), strict=False):
            voting.wait_for(10)
            with offset.open("r+b") as clock:  # the process has this file in its memory
                clock.write(struct.pack("q", seconds))
            outcome.recovered.append(voting.wait_for())
        voting.wait_for(10)
    return outcome


def _built(folder: Path) -> Path:
    """The library that moves a process's clock, compiled."""
    compiler, library = shutil.which("cc"), folder / "moved_clock.so"
    if compiler is None:
        raise MissingError("the clock needs a C compiler: apt-get install gcc")
    source = Path(__file__).with_name("moved_clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        raise MissingError(
            f"a full disk needs a small file system, which only root may mount: {mounted.stderr.strip()}"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as ballast:
        for size in (2**20, 2**12, 1):
            try:
                while ballast.write(b"\0" * size):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
        os.fsync(ballast.fileno())
