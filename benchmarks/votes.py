"""200 raters voting at once through the app's HTTP API: `python -m benchmarks.votes [--quick]`.

The app runs in a process of its own, on SQLite and then on PostgreSQL, both with every commit on the disk; it is killed
with -9 after the storm, and the database asked what is there. Beside it: the disk's rate of bare single-row commits.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import Figure, print_report
from benchmarks.storm import Audit, Storm, Way, audit, storm
from evaluation.qualitative.store.database import connect, writing
from tests.support.app_server import running_app
from tests.support.postgres_server import new_schema, postgres_server

STUDY = "digits-by-training-step"
RATERS = 200
BARE_S = 3.0
DISK = Path("/var/tmp")  # noqa: S108 - kept on a disk, where /tmp may be memory
WAYS: dict[Way, str] = {"call": "queued", "run": "direct"}


def bare_commits(database: str) -> float:
    """Rows per second of the plainest writer: one connection that commits each row by itself, as durably as ours."""
    engine = connect(database)
    with writing(engine).connect() as connection:
        with connection.begin():
            connection.execute(sa.text("CREATE TABLE bare (id INTEGER PRIMARY KEY, said VARCHAR(64))"))
        insert = sa.text("INSERT INTO bare VALUES (:id, 'left')")
        start, rows = time.perf_counter(), 0
        while time.perf_counter() - start < BARE_S:
            with connection.begin():
                connection.execute(insert, {"id": rows})
            rows += 1
        rate = rows / (time.perf_counter() - start)
        with connection.begin():
            connection.execute(sa.text("DROP TABLE bare"))
    engine.dispose()
    return rate


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Where a storm ends: each rater's votes, or the time after which no other ballot is begun."""

    votes_each: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A storm on one database, called one way.

    Attributes:
        name: of both.
        bare: single-row commits per second on the same disk.
        seen: what the raters met.
        found: what the database has.
    """

    name: str
    bare: float
    seen: Storm
    found: Audit


def measure(backend: str, database: Callable[[Path], str], way: Way, bounds: Bounds) -> Measured:
    """Start the app on an empty database, let the storm loose on it, kill it, and look."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="votes-") as name:
        folder = Path(name)
        url = database(folder)
        bare = bare_commits(url)
        with running_app(folder, database=url) as address:
            warm = storm(address, study=STUDY, raters=4, votes_each=5, way=way)  # the networks are loaded for these
            seen = storm(
                address, study=STUDY, raters=RATERS, votes_each=bounds.votes_each, seconds=bounds.seconds, way=way
            )
        found = audit(url, [warm, seen], study=STUDY)
        if seen.errors:
            print((folder / "app.log").read_text()[-3000:])
    for error, often in Counter(error[:160] for error in seen.errors).most_common(3):
        print(f"{often} times: {error}")
    return Measured(name=f"{backend}, {WAYS[way]}", bare=bare, seen=seen, found=found)


def report(measured: Sequence[Measured]) -> None:
    """Print rates and percentiles, and then the report that all benchmarks end with."""
    print(f"{'':26}{'votes/s':>9}{'bare commits/s':>16}{'votes':>8}{'next_ballot p95':>17}{'cast_vote p95':>15}")
    for one in measured:
        asking, casting = (f"{1000 * percentile(times):.0f} ms" for times in (one.seen.asking, one.seen.casting))
        votes = len(one.seen.acknowledged)
        print(f"{one.name:26}{one.seen.rate:9.1f}{one.bare:16.0f}{votes:8,}{asking:>17}{casting:>15}")
    seconds = {
        f"{one.name}: {action}": times
        for one in measured
        for action, times in (("next_ballot", one.seen.asking), ("cast_vote", one.seen.casting))
    }
    figures = [
        Figure("lost", sum(one.found.lost for one in measured), 0),
        Figure("twice", sum(one.found.twice for one in measured), 0),
        Figure("uncalled", sum(one.found.uncalled for one in measured), 0),
        Figure("errors", sum(len(one.seen.errors) for one in measured), 0),
    ]
    print_report(f"{RATERS} raters at once", seconds, figures)


def percentile(times: Sequence[float]) -> float:
    """The 95th, in seconds."""
    return sorted(times)[int(0.95 * len(times))] if times else math.nan


def main() -> None:
    """Storm both databases, both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer votes")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="one database")
    options = parser.parse_args()
    bounds = Bounds(votes_each=8, seconds=40.0) if options.quick else Bounds(votes_each=40, seconds=180.0)
    measured = []
    if options.only != "postgresql":
        measured += [measure("SQLite", lambda folder: f"sqlite:///{folder}/votes.sqlite3", way, bounds) for way in WAYS]
    if options.only != "sqlite":
        with postgres_server(folder=DISK, durable=True) as server:
            measured += [measure("PostgreSQL", lambda _: new_schema(server), way, bounds) for way in WAYS]
    report(measured)


if __name__ == "__main__":
    main()
