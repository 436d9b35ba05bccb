"""What may be added to a ballot, or beside it: the rules of counting once, inside one transaction."""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from evaluation.qualitative import rows
from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    ExpiredBallotError,
    ForeignBallotError,
    Record,
    UnknownBallotError,
    UsedBallotError,
    Vote,
    is_ballot_id,
)
from evaluation.qualitative.database import ballots, votes


def overtaken(connection: sa.Connection, ballot: Ballot, *, known: Container[str]) -> Ballot | None:
    """The ballot that was issued for the same position since the caller looked, if any."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(ballot.rater))))
    query = rows.records.where(
        ballots.c.study == ballot.study,
        ballots.c.rater == ballot.rater,
        ballots.c.purpose == ballot.purpose.value,
        ballots.c.position.is_not_distinct_from(ballot.position),
    )
    if ballot.position is None:
        query = query.where(votes.c.id.is_(None))
    for row in connection.execute(query.order_by(ballots.c.issued_at)):
        found = rows.record(row)
        if found.ballot.id in known:
            continue
        if found.vote is not None:
            raise UsedBallotError("You answered this pair in another tab: reload the page to go on.")
        if not found.ballot.expired(ballot.issued_at):
            return found.ballot
    return None


def added(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Insert a vote, unless one like it is there or comes from another process meanwhile; say whether it was."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(votes).values(row).on_conflict_do_nothing().returning(votes.c.id)
    return connection.execute(statement).first() is not None


def find(connection: sa.Connection, ballot_id: str, rater: str) -> Record:
    """A rater's ballot with its latest answer.

    Raises:
        UnknownBallotError, ForeignBallotError: there is none, or it is not this rater's.
    """
    row = None
    if is_ballot_id(ballot_id):
        row = connection.execute(rows.records.where(ballots.c.id == ballot_id)).one_or_none()
    if row is None:
        raise UnknownBallotError("There is no such ballot: ask for a new pair.")
    found = rows.record(row)
    if found.ballot.rater != rater:
        raise ForeignBallotError("This ballot was given to another rater: ask for a pair of your own.")
    return found


def same(vote: Vote, choice: Choice, reason: str, *, correct: bool) -> bool:
    """Whether this answer was given before; a retry need not repeat its reason."""
    return vote.choice == choice and (vote.reason == reason or not correct)


def follow(found: Record, choice: Choice, reason: str, *, response_ms: int | None, correct: bool) -> Vote:
    """The vote that may be added to what a ballot has."""
    now = datetime.now(UTC)
    if found.vote is not None and not correct:
        raise UsedBallotError("This ballot already has its vote, which stands: go on to the next pair.")
    if found.vote is None and found.ballot.expired(now):
        raise ExpiredBallotError("This pair was shown too long ago to be judged now: ask for a new one.")
    revision = 0 if found.vote is None else found.vote.revision + 1
    return Vote(
        ballot=found.ballot, choice=choice, response_ms=response_ms, cast_at=now, reason=reason, revision=revision
    )
