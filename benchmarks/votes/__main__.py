"""200 raters voting at once through the app's HTTP API: `python -m benchmarks.votes [--quick]`.

The app runs in its own process, on SQLite and then on PostgreSQL, both with every commit on the disk. After the storm
it is killed with -9 and the votes in the database are checked. The peer is the rate of single-row commits on the disk.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.report import Figure, percentile, print_report
from benchmarks.votes.ledger import Audit, audit
from benchmarks.votes.storm import DISK, Storm, Way, storm
from evaluation.qualitative.store.database import connect, writing
from tests.support.app_server import running_app
from tests.support.servers.postgres_server import new_schema, postgres_server

STUDY = "digits-by-training-step"
RATERS = 200
BARE_S = 3.0
WAYS: dict[Way, str] = {"call": "queued", "run": "direct", "page": "page"}


def bare_commits(database: str) -> float:
    """Rows per second of one connection that commits each row by itself, as durably as the app."""
    engine = connect(database)
    with writing(engine).connect() as connection:
        with connection.begin():
            connection.execute(sa.text("CREATE TABLE bare (id INTEGER PRIMARY KEY, choice VARCHAR(64))"))
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
class StormBounds:
    """The end of a storm: the votes of each rater, or the time after which no ballot is begun."""

    votes_each: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A storm on one database by one way of calling.

    Attributes:
        name: of the database and the way.
        bare: single-row commits per second on the same disk.
        storm: the answers that the raters got.
        audit: the check of the stored votes.
    """

    name: str
    bare: float
    storm: Storm
    audit: Audit


def measure(backend: str, database: Callable[[Path], str], way: Way, bounds: StormBounds) -> Measurement:
    """Start the app on an empty database, let the raters vote, kill the app, and check the votes."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="votes-") as name:
        folder = Path(name)
        url = database(folder)
        bare = bare_commits(url)
        with running_app(folder, database=url) as address:
            warm_up = storm(address, study=STUDY, raters=4, votes_each=5, way=way)  # loads the networks
            result = storm(
                address, study=STUDY, raters=RATERS, votes_each=bounds.votes_each, seconds=bounds.seconds, way=way
            )
        checked = audit(url, [warm_up, result], study=STUDY)
        if result.errors:
            print((folder / "app.log").read_text()[-3000:])
    for error, count in Counter(error[:160] for error in result.errors).most_common(3):
        print(f"{count} times: {error}")
    return Measurement(name=f"{backend}, {WAYS[way]}", bare=bare, storm=result, audit=checked)


def report(measurements: Sequence[Measurement]) -> None:
    """Print rates, percentiles and the report."""
    print(f"{'':26}{'votes/s':>9}{'bare commits/s':>16}{'votes':>8}{'next_ballot p95':>17}{'cast_vote p95':>15}")
    for row in measurements:
        asking, casting = (f"{1000 * percentile(times):.0f} ms" for times in (row.storm.asking, row.storm.casting))
        votes = len(row.storm.acknowledged)
        print(f"{row.name:26}{row.storm.rate:9.1f}{row.bare:16.0f}{votes:8,}{asking:>17}{casting:>15}")
    seconds = {
        f"{row.name}: {action}": times
        for row in measurements
        for action, times in (("next_ballot", row.storm.asking), ("cast_vote", row.storm.casting))
    }
    figures = [
        Figure("lost", sum(row.audit.lost for row in measurements), 0),
        Figure("twice", sum(row.audit.twice for row in measurements), 0),
        Figure("uncalled", sum(row.audit.unknown for row in measurements), 0),
        Figure("errors", sum(len(row.storm.errors) for row in measurements), 0),
    ]
    print_report(f"{RATERS} raters at once", seconds, figures)


def main() -> None:
    """Measure both databases, both ways."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer votes")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="measure only this database")
    options = parser.parse_args()
    bounds = StormBounds(votes_each=8, seconds=40.0) if options.quick else StormBounds(votes_each=40, seconds=180.0)
    measurements = []
    if options.only != "postgresql":
        measurements += [
            measure("SQLite", lambda folder: f"sqlite:///{folder}/votes.sqlite3", way, bounds) for way in WAYS
        ]
    if options.only != "sqlite":
        with postgres_server(folder=DISK, durable=True) as server:
            measurements += [measure("PostgreSQL", lambda _: new_schema(server), way, bounds) for way in WAYS]
    report(measurements)


if __name__ == "__main__":
    main()
