"""Storing imported votes in the vote database, all at once or none.

An imported ballot counts as issued when it was imported, after its answer: how long its rater really looked is only
known where the table says so, and no flag may take the time between the two for a look. Its pair was not drawn here, so
`pair_probability` is 0.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.ballot import Ballot, Choice, Vote
from evaluation.qualitative.imported.mark import mark
from evaluation.qualitative.imported.reading import ImportedVote, TableError
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, votes
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study
from models.gan.seeds import MAX_SEED

_AT_ONCE = 1_000


def store_votes(store: Store, study: Study, table: Sequence[ImportedVote], content: bytes) -> int:
    """Store the votes of a table, in one transaction; when this returns, all are on the disk.

    Args:
        store: the database.
        study: the study that they belong to.
        table: the votes, as `reading.read` returns them.
        content: the file that they come from; its digest marks them.

    Returns:
        How many were stored.

    Raises:
        TableError: this file was imported into this study before.
        StoreUnavailableError: the database or the journal failed; nothing was stored.
    """
    marked = mark(content)
    earlier = sa.select(sa.func.count()).where(ballots.c.study == study.name, ballots.c.study_digest == marked)

    def work(connection: sa.Connection, lines: list[Line]) -> int:
        if connection.execute(earlier).scalar_one():
            raise TableError(f"this file was imported into {study.name} before: its votes are there")
        answers = list(_answers(store.key, study, table, marked))
        given = [rows.ballot_row(answer.ballot) for answer in answers]
        cast = [rows.vote_row(answer) for answer in answers]
        for table_rows, into in ((given, ballots), (cast, votes)):
            for start in range(0, len(table_rows), _AT_ONCE):
                connection.execute(sa.insert(into), table_rows[start : start + _AT_ONCE])
        for answer, ballot, vote in zip(answers, given, cast, strict=True):
            lines.append(rows.line(ballots, ballot))
            lines.append(rows.line(votes, vote, study=study.name, rater=answer.ballot.rater))
        return len(answers)

    return store.write(work)


def _answers(key: str, study: Study, table: Sequence[ImportedVote], marked: str) -> Iterator[Vote]:
    now = datetime.now(UTC)
    for number, vote in enumerate(table):
        cast_at = vote.cast_at or now - timedelta(microseconds=len(table) - number)  # keeps their order
        seed = int(vote.item) if vote.item.isdecimal() and len(vote.item) < 12 else 0
        seed = seed if study.items.kind == "seeds" and seed <= MAX_SEED else 0
        ballot = Ballot(
            id=_keyed(key, marked, study.name, "ballot", str(vote.line)),
            study=study.name,
            rater=f"rater:{_keyed(key, 'import', study.name, 'rater', vote.rater)}",
            left=vote.left,
            right=vote.right,
            left_seed=seed,
            right_seed=seed if vote.right else 0,
            third=vote.third,
            fourth=vote.fourth,
            third_seed=seed if vote.third else 0,
            fourth_seed=seed if vote.fourth else 0,
            pair_probability=0.0,
            issued_at=now + timedelta(seconds=1),
            study_digest=marked,
            item=vote.item,
            exposure_ms=vote.exposure_ms,
        )
        fields: dict[str, Any] = {"response_ms": vote.response_ms, "cast_at": cast_at, "reason": vote.reason}
        yield Vote(ballot=ballot, choice=Choice(vote.choice), **fields)


def _keyed(key: str, *parts: str) -> str:
    """Return 32 hexadecimal digits that nobody without the database's key can link to the table's names."""
    return hmac.new(bytes.fromhex(key), "\n".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
