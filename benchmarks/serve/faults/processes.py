"""Processes that are killed, asked to end, or share a database with one that is killed."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from benchmarks.serve.faults.outcome import FaultOutcome, during_votes
from benchmarks.serve.faults.voting import Voting
from tests.support.app_server import app_process

BETWEEN = 12  # votes before each fault: some are under way
ENDS_S = 120.0  # for a process that is asked to end


def killed(folder: Path, times: int) -> FaultOutcome:
    """The process is killed with -9 and started again."""
    return _restarted(folder, times, signal.SIGKILL, "kill -9, started again")


def terminated(folder: Path, times: int) -> FaultOutcome:
    """The process is asked to end (SIGTERM) and started again."""
    return _restarted(folder, times, signal.SIGTERM, "SIGTERM, started again")


def two_processes(folder: Path, times: int) -> FaultOutcome:
    """Two processes write to one SQLite file, and one of them is killed: the other goes on."""
    outcome = FaultOutcome(fault="one of two processes on one SQLite file killed")
    database = f"sqlite:///{folder}/votes.sqlite3"
    for name in ("first", "second"):
        (folder / name).mkdir()
    with (
        app_process(folder / "first", database=database) as first_app,
        app_process(folder / "second", database=database) as second_app,
        Voting(first_app.url) as first,
        Voting(second_app.url, first=100) as second,
    ):
        for number in range(times):
            for voting in (first, second):
                voting.wait_for(BETWEEN)
            dying, other = ((first_app, second), (second_app, first))[number % 2]
            dying.kill()
            outcome.recovered.append(other.wait_for(BETWEEN // 2))  # those of the other go on
            dying.start()
        for voting in (first, second):
            voting.wait_for()
    outcome.read(first_app, [first, second])
    return outcome


def _restarted(folder: Path, times: int, number: signal.Signals, fault: str) -> FaultOutcome:
    with during_votes(fault, folder) as (outcome, app, voting):
        for _ in range(times):
            voting.wait_for(BETWEEN)
            app.process.send_signal(number)
            app.process.wait(ENDS_S)
            begun = time.perf_counter()
            app.start()
            voting.wait_for()
            outcome.recovered.append(time.perf_counter() - begun)
    return outcome
