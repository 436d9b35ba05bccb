"""Ballots and votes, append-only: one vote per ballot, and an acknowledged vote is on the disk.

SQLite by default, PostgreSQL by its URL; the statements are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    ForeignBallotError,
    InvalidChoiceError,
    InvalidResponseTimeError,
    UnknownBallotError,
    UsedBallotError,
    Vote,
    check_rater,
)
from evaluation.qualitative.database import StoreUnavailableError, ballots, connect, create_tables, votes

DEFAULT_FILE = Path(__file__).parents[2] / "votes.sqlite3"
DAY_MS = 24 * 60 * 60 * 1000


_cast = ballots.join(votes)


class Store:
    """The ballots and votes of all studies. Safe to share between threads, and a database between processes."""

    def __init__(self, url: str) -> None:
        """Connect to the database at an SQLAlchemy URL and create its tables where they are missing.

        Raises:
            StoreUnavailableError: the URL makes no sense, or the database can't be opened.
        """
        self._engine = connect(url)
        try:
            self._create_tables()
        except IntegrityError:
            # Another process created them between PostgreSQL's look and its act; the second look sees them.
            self._create_tables()

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Open the database at `url`, or the embedded one when there is none (None or empty)."""
        return cls(url or f"sqlite:///{DEFAULT_FILE}")

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    def issue(self, ballot: Ballot) -> None:
        """Store a fresh ballot: from now on its rater can answer it."""
        with self._transaction() as connection:
            connection.execute(sa.insert(ballots).values(**asdict(ballot)))

    def open_ballot(self, study: str, *, rater: str) -> Ballot | None:
        """Return the rater's newest ballot without a vote, if any.

        Raises:
            InvalidRaterError: the rater id is malformed.
        """
        check_rater(rater)
        query = (
            sa.select(ballots)
            .outerjoin(votes)
            .where(ballots.c.study == study, ballots.c.rater == rater, votes.c.id.is_(None))
            .order_by(ballots.c.issued_at.desc(), ballots.c.id)
            .limit(1)
        )
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Ballot(**row._mapping)

    def cast(self, ballot_id: str, *, rater: str, choice: str, response_ms: int | None = None) -> Vote:
        """Count a vote, once. When this returns, the vote is on the disk.

        Args:
            ballot_id: from a ballot that was issued to this rater.
            rater: who votes.
            choice: one of `Choice`.
            response_ms: 0 … one day, or None where it was not measured.

        Raises:
            VoteError: one of its subclasses says what was wrong; nothing was stored.
            StoreUnavailableError: the database did not answer; casting again is safe.
        """
        valid_choice = _valid_choice(choice)
        _check_response_time(response_ms)
        with self._transaction() as connection:
            ballot = _find(connection, ballot_id)
            if ballot.rater != rater:
                raise ForeignBallotError("This ballot was given to another rater: ask for a pair of your own.")
            vote = Vote(ballot=ballot, choice=valid_choice, response_ms=response_ms, cast_at=datetime.now(UTC))
            try:
                connection.execute(
                    sa.insert(votes).values(
                        ballot_id=ballot.id, choice=vote.choice.value, response_ms=response_ms, cast_at=vote.cast_at
                    )
                )
            except IntegrityError as error:
                raise UsedBallotError(
                    "This ballot already has its vote, which stands: go on to the next pair."
                ) from error
        return vote

    def count(self, study: str, *, rater: str | None = None) -> int:
        """Return how many votes a study has, or how many of them are this rater's. Skips are among them."""
        query = sa.select(sa.func.count()).select_from(_cast).where(ballots.c.study == study)
        if rater is not None:
            check_rater(rater)
            query = query.where(ballots.c.rater == rater)
        with self._transaction() as connection:
            return connection.execute(query).scalar_one()

    def results(self, study: str) -> pd.DataFrame:
        """Return the votes of a study in the order they came, one row each.

        Returns:
            Columns `rater`, `left` and `right` (ids of arms), `choice` and `response_ms` (missing where not measured).
        """
        columns = [ballots.c.rater, ballots.c.left, ballots.c.right, votes.c.choice, votes.c.response_ms]
        query = sa.select(*columns).select_from(_cast).where(ballots.c.study == study).order_by(votes.c.id)
        with self._transaction() as connection:
            rows = [tuple(row) for row in connection.execute(query)]
        frame = pd.DataFrame(rows, columns=[column.name for column in columns])
        return frame.astype({"response_ms": "Int64"})

    def _create_tables(self) -> None:
        with self._transaction() as connection:
            create_tables(connection)

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except (DBAPIError, PoolTimeoutError) as error:
            raise StoreUnavailableError(
                "The vote database does not answer: try again in a moment; a ballot counts only once."
            ) from error


def _find(connection: sa.Connection, ballot_id: str) -> Ballot:
    row = None
    # Anything else is no id of ours; some of it (a NUL character, a lone surrogate) no database takes.
    if isinstance(ballot_id, str) and len(ballot_id) <= 64 and ballot_id.isascii() and ballot_id.isprintable():
        row = connection.execute(sa.select(ballots).where(ballots.c.id == ballot_id)).one_or_none()
    if row is None:
        raise UnknownBallotError("There is no such ballot: ask for a new pair.")
    return Ballot(**row._mapping)


def _valid_choice(choice: str) -> Choice:
    try:
        return Choice(choice)
    except ValueError:
        known = ", ".join(Choice)
        raise InvalidChoiceError(f"{choice!r:.40} is not an answer: choose one of {known}.") from None


def _check_response_time(response_ms: Any) -> None:
    if response_ms is None or (type(response_ms) is int and 0 <= response_ms <= DAY_MS):
        return
    raise InvalidResponseTimeError(
        f"The response time must be a whole number of milliseconds from 0 to {DAY_MS}, got {response_ms!r:.40}."
    )
