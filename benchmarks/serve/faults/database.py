"""A PostgreSQL server that stops, is killed, ends all connections, or freezes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.serve.faults.outcome import FaultOutcome, during_votes
from benchmarks.votes.storm import DISK
from tests.support.servers.postgres_server import Postgres, new_schema, postgres

AWAY_S = 2.0
FROZEN_S = 5.0


def stopped(server: Postgres) -> None:
    """Stop it in order, and start it again after two seconds."""
    server.stop("fast")
    time.sleep(AWAY_S)
    server.start()


def crashed(server: Postgres) -> None:
    """Stop it as a power cut does, and start it again: it recovers from its log."""
    server.stop("immediate")
    server.start()


def ended(server: Postgres) -> None:
    """End all connections."""
    server.end_backends()


def frozen(server: Postgres) -> None:
    """Freeze all its processes for five seconds."""
    server.freeze()
    time.sleep(FROZEN_S)
    server.thaw()


FAULTS: dict[str, Callable[[Postgres], None]] = {
    "PostgreSQL stopped for 2 s": stopped,
    "PostgreSQL crashed": crashed,
    "PostgreSQL: all connections ended": ended,
    "PostgreSQL frozen for 5 s": frozen,
}


def postgresql(folder: Path, times: int) -> list[FaultOutcome]:
    """Each of the faults so often, on one server, each with an app and a schema of its own."""
    outcomes = []
    with postgres(folder=DISK, durable=True) as server:
        for number, (fault, inject) in enumerate(FAULTS.items()):
            (folder / str(number)).mkdir()
            with during_votes(fault, folder / str(number), database=new_schema(server.url)) as (outcome, _, voting):
                for _ in range(times):
                    voting.wait_for(10)
                    inject(server)
                    outcome.recovered.append(voting.wait_for())
            outcomes.append(outcome)
    return outcomes
