"""A disk that is full, and a clock that jumps."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from benchmarks.serve.faults.voting import Outcome, Voting
from tests.support.app_server import start_app

DISK_MB = 24
FULL_S = 3.0
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
JUMPS = ("-2h", "-30d", "+3d", "+0")  # from the true time
JUMPED_S = 3.0  # the library looks at its file once a second


class MissingError(RuntimeError):
    """This machine lacks what a fault needs; the message says what."""


def full_disk(folder: Path, times: int) -> Outcome:
    """The disk of the votes and of the temporary files is full for three seconds, then there is space again."""
    outcome = Outcome(fault="disk full for 3 s")
    with _small_disk(folder / "disk") as disk:
        database = f"sqlite:///{disk}/votes.sqlite3"
        app = start_app(folder, database=database, environment={"GRADIO_TEMP_DIR": str(disk / "gradio")})
        try:
            with Voting(app.url) as voting:
                for _ in range(times):
                    voting.wait_for(10)
                    _fill(disk / "ballast")
                    time.sleep(FULL_S)
                    (disk / "ballast").unlink()
                    outcome.recovered.append(voting.wait_for())
                    outcome.injected += 1
        finally:
            app.kill()
        outcome.audit(database, [voting], journal=disk / "votes.sqlite3.jsonl")
    return outcome


def jumping_clock(folder: Path, times: int) -> Outcome:
    """The clock jumps two hours and thirty days back, three days ahead, and returns."""
    if not LIBRARIES:
        raise MissingError("the clock needs libfaketime: apt-get install libfaketime")
    outcome = Outcome(fault="clock: -2 h, -30 d, +3 d, back")
    clock = folder / "clock"
    clock.write_text("+0\n")
    fake = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a clock that is set does not move this one
        "NO_FAKE_STAT": "1",
    }
    app = start_app(folder, environment=fake)
    try:
        with Voting(app.url) as voting:
            for _, jump in zip(range(times), cycle(JUMPS), strict=False):
                voting.wait_for(10)
                clock.write_text(f"{jump}\n")
                time.sleep(JUMPED_S)
                outcome.recovered.append(voting.wait_for())
                outcome.injected += 1
            voting.wait_for(10)
    finally:
        app.kill()
    outcome.audit(f"sqlite:///{folder}/votes.sqlite3", [voting], journal=folder / "votes.sqlite3.jsonl")
    return outcome


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
