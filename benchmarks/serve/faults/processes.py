"""Processes that are killed, asked to end, or share a database with one that is killed."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from benchmarks.serve.faults.voting import FaultOutcome, Voting
from tests.support.app_server import AppProcess, start_app

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
    apps: list[AppProcess] = []
    for name in ("first", "second"):
        (folder / name).mkdir()
        apps.append(start_app(folder / name, database=database))
    try:
        with Voting(apps[0].url) as first, Voting(apps[1].url, first=100) as second:
            for number in range(times):
                for voting in (first, second):
                    voting.wait_for(BETWEEN)
                dying, other = number % 2, (second, first)[number % 2]
                apps[dying].kill()
                outcome.recovered.append(other.wait_for(BETWEEN // 2))  # those of the other go on
                apps[dying].start()
                outcome.injected += 1
            for voting in (first, second):
                voting.wait_for()
    finally:
        for app in apps:
            app.kill()
    outcome.audit(database, [first, second], journal=folder / "votes.sqlite3.jsonl")
    return outcome


def _restarted(folder: Path, times: int, number: signal.Signals, fault: str) -> FaultOutcome:
    outcome = FaultOutcome(fault=fault)
    app = start_app(folder)
    try:
        with Voting(app.url) as voting:
            for _ in range(times):
                voting.wait_for(BETWEEN)
                app.process.send_signal(number)
                app.process.wait(ENDS_S)
                begun = time.perf_counter()
                app.start()
                voting.wait_for()
                outcome.recovered.append(time.perf_counter() - begun)
                outcome.injected += 1
    finally:
        app.kill()
    outcome.audit(f"sqlite:///{folder}/votes.sqlite3", [voting], journal=folder / "votes.sqlite3.jsonl")
    return outcome
