"""Rows of the tables as objects and as lines of the journal, and the queries that a vote needs."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    ForeignBallotError,
    Purpose,
    Record,
    UnknownBallotError,
    UsedBallotError,
    Vote,
    WithdrawnError,
    is_ballot_id,
)
from evaluation.qualitative.store.database import (
    UtcTime,
    ballots,
    events,
    participants,
    rooms,
    settings,
    votes,
    withdrawals,
)
from evaluation.qualitative.store.journal import Line

KEPT = (ballots, votes, events, participants, withdrawals, rooms)
TABLES = {table.name: table for table in (settings, *KEPT)}

_BALLOT, _ANSWER = (tuple(column.name for column in table.c) for table in (ballots, votes))
_ANSWERS = tuple(column.label(f"vote_{column.name}") for column in votes.c)
_later = votes.alias("later")
LATEST = sa.and_(  # the vote that no correction supersedes
    votes.c.ballot_id == ballots.c.id,
    ~sa.exists().where(_later.c.ballot_id == votes.c.ballot_id, _later.c.revision > votes.c.revision).correlate(votes),
)
records = sa.select(ballots, *_ANSWERS).select_from(ballots.outerjoin(votes, LATEST))

_HISTORY = records.where(
    ballots.c.study == sa.bindparam("of_study"), ballots.c.rater == sa.bindparam("of_rater")
).order_by(ballots.c.issued_at, ballots.c.id)


def record(row: sa.Row[Any]) -> Record:
    """Return a row of `records` as an object."""
    ballot = Ballot(**dict(zip(_BALLOT, row[: len(_BALLOT)], strict=True)))
    answer = dict(zip(_ANSWER, row[len(_BALLOT) :], strict=True))
    if answer["id"] is None:
        return Record(ballot=ballot, vote=None)
    fields = {name: answer[name] for name in ("response_ms", "cast_at", "reason", "revision")}
    return Record(ballot=ballot, vote=Vote(ballot=ballot, choice=Choice(answer["choice"]), **fields))


def history(connection: sa.Connection, study: str, rater: str) -> list[Record]:
    """Return all ballots that a rater was ever given, oldest first."""
    return [record(row) for row in connection.execute(_HISTORY, {"of_study": study, "of_rater": rater})]


def ballot_row(ballot: Ballot) -> dict[str, Any]:
    """Return a ballot as a row of its table."""
    row = asdict(ballot)
    return {**row, "purpose": ballot.purpose.value, "expected": ballot.expected and ballot.expected.value}


def vote_row(vote: Vote) -> dict[str, Any]:
    """Return a vote as a row of its table."""
    return {
        "ballot_id": vote.ballot.id,
        "revision": vote.revision,
        "choice": vote.choice.value,
        "reason": vote.reason,
        "response_ms": vote.response_ms,
        "cast_at": vote.cast_at,
    }


def line(table: sa.Table, row: Mapping[str, Any], **more: Any) -> Line:
    """Return a row as a line of the journal, with further fields."""
    values = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
    return {"line": table.name, **values, **more}


def from_line(line: Line) -> tuple[sa.Table, dict[str, Any]]:
    """Return the table and the row of a line of the journal.

    Raises:
        KeyError, ValueError: there is no such table, or a date in the line is malformed.
    """
    table = TABLES[line["line"]]
    row = {column.name: line[column.name] for column in table.c if column.name in line}
    for name, value in row.items():
        if isinstance(table.c[name].type, UtcTime) and value is not None:
            row[name] = datetime.fromisoformat(value)
    return table, row


def all_lines(connection: sa.Connection) -> Iterator[Line]:
    """Yield everything that the database holds as lines, each after the lines that it refers to."""
    for row in connection.execution_options(yield_per=1_000).execute(sa.select(ballots).order_by(ballots.c.issued_at)):
        yield line(ballots, dict(row._mapping))
    query = sa.select(votes, ballots.c.study, ballots.c.rater).join(ballots).order_by(votes.c.id)
    for row in connection.execution_options(yield_per=1_000).execute(query):
        yield line(votes, {name: value for name, value in row._mapping.items() if name != "id"})
    for table in (events, participants, withdrawals, rooms):
        for row in connection.execute(sa.select(table)):
            yield line(table, {name: value for name, value in row._mapping.items() if name != "id"})


def check_takes_part(connection: sa.Connection, study: str, rater: str) -> None:
    """Check that a rater has not withdrawn, and let no withdrawal come between this and the end of the transaction.

    Raises:
        WithdrawnError: the rater has withdrawn.
    """
    lock(connection, rater)
    theirs = (withdrawals.c.study == study, withdrawals.c.rater == rater)
    if connection.execute(sa.select(sa.literal(1)).where(*theirs)).first() is not None:
        raise WithdrawnError("You have withdrawn from this study: nothing more is stored. Thank you for your time.")


def lock(connection: sa.Connection, rater: str) -> None:
    """Let other transactions about a rater wait until this one has ended; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(rater))))


def overtaken(connection: sa.Connection, ballot: Ballot, *, known: Container[str]) -> Ballot | None:
    """Return the ballot that was issued for the same position since the caller looked, if there is one.

    Raises:
        UsedBallotError: it was even answered since then.
    """
    lock(connection, ballot.rater)
    query = records.where(
        ballots.c.study == ballot.study,
        ballots.c.rater == ballot.rater,
        ballots.c.purpose == ballot.purpose.value,
        ballots.c.position.is_not_distinct_from(ballot.position),
    )
    if ballot.position is None:
        query = query.where(votes.c.id.is_(None))
    for row in connection.execute(query.order_by(ballots.c.issued_at)):
        other = record(row)
        if other.ballot.id in known:
            continue
        if other.vote is not None:
            raise UsedBallotError("You answered this pair in another tab: reload the page to go on.")
        if not other.ballot.expired(ballot.issued_at):
            return other.ballot
    return None


def added(connection: sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Insert a row unless there is one with its key, perhaps from another process; return whether it was inserted."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(row).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(statement).first() is not None


def find(connection: sa.Connection, ballot_id: str, rater: str | Callable[[str], str]) -> Record:
    """Return a rater's ballot with its latest answer.

    Args:
        connection: to the database.
        ballot_id: id of the ballot.
        rater: id of the rater, or what gives it for the name of the ballot's study.

    Raises:
        UnknownBallotError: there is no such ballot.
        ForeignBallotError: it was issued to another rater.
    """
    row = None
    if is_ballot_id(ballot_id):
        named = (ballots.c.id == ballot_id, ballots.c.purpose != Purpose.IN_CLASS.value)  # these are in `class_votes`
        row = connection.execute(records.where(*named)).one_or_none()
    if row is None:
        raise UnknownBallotError("There is no such ballot: ask for a new pair.")
    stored = record(row)
    if stored.ballot.rater != (rater(stored.ballot.study) if callable(rater) else rater):
        raise ForeignBallotError("This ballot was given to another rater: ask for a pair of your own.")
    return stored
