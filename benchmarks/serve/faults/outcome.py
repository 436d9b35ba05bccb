"""What a fault did to the votes: raters vote meanwhile, and the database and its journal are read afterwards."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks.serve.faults.voting import Voting
from benchmarks.serve.visitors import STUDY
from benchmarks.votes.ledger import audit
from evaluation.qualitative.store.database import connect
from evaluation.qualitative.store.rebuild import rebuild
from tests.support.app_server import AppProcess, app_process


@dataclass(kw_only=True)
class FaultOutcome:
    """What a fault did.

    Attributes:
        fault: what was done.
        acknowledged: votes that the app acknowledged before, during and after it.
        lost: of them, how many the database lacks or holds with another choice.
        twice: ballots that are counted more than once.
        unknown: stored votes that nobody sent.
        missing_in_journal: acknowledged votes that a database rebuilt from the journal lacks.
        recovered: after each fault, seconds until what had failed was answered again.
        sentences: what raters and visitors were told meanwhile, how often.
    """

    fault: str
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    unknown: int = 0
    missing_in_journal: int = 0
    recovered: list[float] = field(default_factory=list)
    sentences: Counter[str] = field(default_factory=Counter)

    @property
    def injected(self) -> int:
        """How often."""
        return len(self.recovered)

    def read(self, app: AppProcess, votings: Sequence[Voting]) -> None:
        """Compare what was acknowledged with the database of an app that is gone, and with one from its journal."""
        database = app.variables["DATABASE_URL"]
        address = sa.make_url(database)
        if address.get_backend_name() == "sqlite":
            journal = f"{address.database}.jsonl"
        else:
            _settle(database)
            journal = app.variables["JUST_LOOK_JOURNAL"]
        ledgers = [voting.ledger for voting in votings]
        for voting in votings:
            self.sentences += voting.replies.failed + voting.replies.refused
        stored = audit(database, ledgers, study=STUDY)
        self.acknowledged = sum(len(ledger.acknowledged) for ledger in ledgers)
        self.lost, self.twice, self.unknown = stored.lost, stored.twice, stored.unknown
        with tempfile.TemporaryDirectory() as folder:
            rebuilt = f"sqlite:///{folder}/rebuilt.sqlite3"
            rebuild([Path(journal)], rebuilt)
            self.missing_in_journal = audit(rebuilt, ledgers, study=STUDY).lost


@contextmanager
def during_votes(fault: str, folder: Path, **options: Any) -> Iterator[tuple[FaultOutcome, AppProcess, Voting]]:
    """Start an app and let raters vote while the block injects a fault; then kill the app and read what is stored.

    Args:
        fault: what is done.
        folder: for all files that the app writes.
        options: of `start_app`.

    Yields:
        The outcome, which gets from the block how soon the app recovered; the app; the raters.
    """
    outcome = FaultOutcome(fault=fault)
    with app_process(folder, **options) as app, Voting(app.url) as voting:
        yield outcome, app, voting
    outcome.read(app, [voting])


def _settle(database: str) -> None:
    """Wait until PostgreSQL has ended the transactions of processes that are gone."""
    engine = connect(database)
    with engine.begin() as connection:
        connection.execute(sa.text("LOCK TABLE votes IN EXCLUSIVE MODE"))
    engine.dispose()
