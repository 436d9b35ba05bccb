"""The vote database: ballots and votes in an append-only table, one vote per ballot, durable once acknowledged.

SQLite by default, PostgreSQL by its URL; the statements are the same. A journal beside the database can rebuild it.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, Self, TypeVar

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    Purpose,
    Record,
    Vote,
    check_rater,
    check_response_time,
    follow,
    same,
    valid_choice,
    valid_reason,
)
from evaluation.qualitative.store import earlier, rows, vote_table
from evaluation.qualitative.store.database import (
    StoreUnavailableError,
    ballots,
    connect,
    events,
    migrate,
    not_writable,
    secret,
    settings,
    votes,
    withdrawals,
    writing,
)
from evaluation.qualitative.store.group_commit import GroupCommit, Work
from evaluation.qualitative.store.journal import Journal, Line

DEFAULT_FILE = Path(__file__).parents[3] / "votes.sqlite3"
T = TypeVar("T")
Rules = Callable[[Record], tuple[Choice, ...]]


class Listener(Protocol):
    """Hears of each change after it is on the disk. Its methods must not raise."""

    def voted(self, vote: Vote) -> None:
        """A vote was counted or corrected."""

    def withdrew(self, row: Line) -> None:
        """A rater's rows were deleted; `row` is the line of the journal that stays."""


class VoteCounter:
    """A listener that counts answers and corrections."""

    def __init__(self) -> None:
        self.total = 0
        self._lock = threading.Lock()

    def voted(self, vote: Vote) -> None:  # noqa: ARG002 - the signature of `Listener`
        """Count it."""
        with self._lock:
            self.total += 1

    def withdrew(self, row: Line) -> None:
        """Withdrawals take nothing away: the number only grows."""


def any_choice(record: Record) -> tuple[Choice, ...]:  # noqa: ARG001 - the signature of `Rules`
    """Allow every choice for every ballot: the rules of no study."""
    return tuple(Choice)


def journal_of(url: str | None) -> Path | None:
    """Return the journal's file for `Store.open`; None where the URL makes no sense."""
    try:
        address = sa.make_url(url or f"sqlite:///{DEFAULT_FILE}")
    except ArgumentError:
        return None
    if address.get_backend_name() == "sqlite":
        return Path(f"{address.database}.jsonl") if address.database else None
    return Path(os.environ.get("JUST_LOOK_JOURNAL") or f"{DEFAULT_FILE}.server.jsonl")


class Store:
    """The ballots, votes and events of all studies. Safe to share between threads, and a database between processes."""

    def __init__(self, url: str, *, journal: Path | None = None, read_only: bool = False) -> None:
        """Connect to the database at an SQLAlchemy URL and bring its tables up to date.

        Args:
            url: SQLite or PostgreSQL.
            journal: file of the journal; beside an SQLite database by default, none for a server's.
            read_only: change nothing, the tables and the journal neither, and refuse to: for a process that computes
                from the votes which another one stores.

        Raises:
            StoreUnavailableError: the URL makes no sense, or the database or the journal can't be opened.
        """
        self._listeners: tuple[Listener, ...] = ()
        self._engine = connect(url, read_only=read_only)
        if journal is None and self._engine.dialect.name == "sqlite" and not read_only:
            journal = Path(f"{self._engine.url.database}.jsonl")
        self.journal = None if journal is None else Journal(path=journal)
        self._counted: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._owed: dict[tuple[str, str], Line] = {}  # withdrawals that the journal lacks
        self._writer = GroupCommit(writing(self._engine), self.journal)
        if read_only:
            with self.reading() as connection:
                self.key = secret(connection)
            return
        with _opening(self._engine), _answering():
            migrate(self._engine)
            with writing(self._engine).begin() as connection:
                self.key = secret(connection)
                if self.journal is not None:
                    self.journal.begin(
                        rows.line(settings, {"name": "key", "value": self.key}, form=earlier.FORM),
                        rows.all_lines(connection),
                        partial(earlier.converted, key=self.key),
                    )
                withdrawn = {(row.study, row.rater): row for row in connection.execute(sa.select(withdrawals))}
        if self.journal is not None:  # finish the withdrawals that a crash interrupted
            for rater in withdrawn.keys() - self.journal.withdrawn():
                self.journal.redact(rows.line(withdrawals, dict(withdrawn[rater]._mapping)))
            if withdrawn:
                self.journal.compact_soon()

    @classmethod
    def open(cls, url: str | None = None) -> Self:
        """Open the database at `url`, or the embedded one when there is none (None or empty), with its journal.

        A server's journal is where `JUST_LOOK_JOURNAL` says, or beside the embedded database.
        """
        return cls(url or f"sqlite:///{DEFAULT_FILE}", journal=journal_of(url))

    @property
    def url(self) -> str:
        """The URL of the database, with its password: for a process of our own that opens it too."""
        return self._engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()
        if self.journal is not None:
            self.journal.close()

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of each vote and each withdrawal from now on."""
        self._listeners = (*self._listeners, listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Tell a listener nothing more."""
        self._listeners = tuple(other for other in self._listeners if other is not listener)

    def issue(self, ballot: Ballot, *, beside: Container[str] | None = None) -> Ballot:
        """Store a fresh ballot: from now on its rater can answer it.

        Args:
            ballot: from `session.ballot_sampling`.
            beside: ids of the rater's ballots that the caller knew of. If another ballot for the same position was
                issued since then, as when two tabs ask at once, that one is returned and the fresh one is dropped.
                None: always store the fresh one.

        Raises:
            UsedBallotError: another ballot for the same position was issued and answered since then.
            WithdrawnError: the rater has withdrawn.
        """

        def work(connection: sa.Connection, lines: list[Line]) -> Ballot:
            rows.check_takes_part(connection, ballot.study, ballot.rater)
            if beside is not None and (standing := rows.overtaken(connection, ballot, known=beside)):
                return standing
            row = rows.ballot_row(ballot)
            connection.execute(sa.insert(ballots).values(row))
            lines.append(rows.line(ballots, row))
            return ballot

        return self.write(work)

    def history(self, study: str, *, rater: str) -> list[Record]:
        """Return all ballots that a rater was ever given, oldest first, each with its latest answer.

        Raises:
            InvalidRaterError: the rater id is malformed.
        """
        check_rater(rater)
        with self.reading() as connection:
            return rows.history(connection, study, rater)

    def cast(
        self,
        ballot_id: str,
        *,
        rater: str | Callable[[str], str],
        choice: str,
        response_ms: int | None = None,
        reason: str | None = None,
        correct: bool = False,
        rules: Rules = any_choice,
    ) -> Vote:
        """Count a vote, once. When this returns, the vote is on the disk.

        Args:
            ballot_id: id of a ballot that was issued to this rater.
            rater: id of the rater who votes, or what gives it for the name of the ballot's study.
            choice: one of those that `rules` allow.
            response_ms: 0 … one day, or None where it was not measured.
            reason: in the rater's words.
            correct: replace an earlier answer; its row stays in the table.
            rules: gets the ballot and its answer so far, raises a `VoteError` if the study takes no answer to it now,
                and returns the choices that the study allows. It may be called more than once.

        Raises:
            VoteError: one of its subclasses says what was wrong; nothing was stored.
            StoreUnavailableError: the database did not answer; casting again is safe.
        """

        def work(connection: sa.Connection, lines: list[Line]) -> Vote:
            while True:
                record = rows.find(connection, ballot_id, rater)
                answer, words = valid_choice(choice, allowed=rules(record)), valid_reason(reason)
                check_response_time(response_ms)
                if record.vote is not None and same(record.vote, answer, words, correct=correct):
                    return replace(record.vote, already_counted=True)
                vote = follow(record, answer, words, response_ms=response_ms, correct=correct)
                row = rows.vote_row(vote)
                if not rows.added(connection, votes, row):
                    continue  # another process was faster; its vote is visible now
                lines.append(rows.line(votes, row, study=vote.ballot.study, rater=vote.ballot.rater))
                return vote

        vote = self.write(work)
        if not vote.already_counted:
            with self._counting:
                self._counted[vote.ballot.study] += 1
            for listener in self._listeners:
                listener.voted(vote)
        return vote

    def counted(self, study: str) -> int:
        """Return how many answers and withdrawals of a study came through this object, without a query."""
        return self._counted[study]

    def version(self, study: str) -> tuple[int, ...]:
        """Return numbers that change whenever the votes of a study or their flags do, in whatever process.

        Withdrawals count by themselves: SQLite gives the id of a deleted last row to the next one.
        """
        answers = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(votes.c.id), 0)).select_from(
            ballots.join(votes)
        )
        happened = sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(events.c.id), 0)).select_from(events)
        left = sa.select(sa.func.count()).select_from(withdrawals)
        with self.reading() as connection:
            return tuple(
                number
                for query, table in ((answers, ballots), (happened, events), (left, withdrawals))
                for number in connection.execute(query.where(table.c.study == study)).one()
            )

    def count(self, study: str, *, rater: str | None = None) -> int:
        """Return how many ballots of a study, or of one of its raters, were answered; skips and checks count."""
        query = (
            sa.select(sa.func.count())
            .select_from(ballots.join(votes))
            .where(ballots.c.study == study, votes.c.revision == 0)
        )
        if rater is not None:
            check_rater(rater)
            query = query.where(ballots.c.rater == rater)
        with self.reading() as connection:
            return connection.execute(query).scalar_one()

    def pair_counts(self, study: str) -> dict[tuple[str, str, Choice], int]:
        """Return how often each (left, right, choice) was voted in ratings, enough for a ranking or a pair rule."""
        columns = (ballots.c.left, ballots.c.right, votes.c.choice)
        query = (
            sa.select(*columns, sa.func.count())
            .select_from(ballots.join(votes, rows.LATEST))
            .where(ballots.c.study == study, ballots.c.purpose == Purpose.RATING.value)
            .group_by(*columns)
        )
        with self.reading() as connection:
            return {(left, right, Choice(choice)): n for left, right, choice, n in connection.execute(query)}

    def results(self, study: str) -> pd.DataFrame:
        """Return the votes of a study in the order they came, one row each, as `vote_table.COLUMNS` says.

        A corrected vote is one row with its latest answer. Training trials and checks are
        included: see `purpose`.
        """
        with self.reading() as connection:
            return vote_table.frame(connection, study)

    def write(self, work: Work[T]) -> T:
        """Run work in a transaction that is on the disk when this returns (see `GroupCommit.run`).

        Raises:
            StoreUnavailableError: the database or the journal failed; nothing was stored.
        """
        with _answering():
            return self._writer.run(work)

    def redact(self, withdrawal: Line) -> None:
        """Write into the journal that a rater withdrew; if that fails, `redact_owed` or the next start does it."""
        with self._counting:
            self._counted[withdrawal["study"]] += 1
        for listener in self._listeners:
            listener.withdrew(withdrawal)
        self._redact(withdrawal)

    def redact_owed(self, study: str, *, rater: str) -> None:
        """Write what a full disk kept out of the journal when this rater withdrew; most often there is nothing."""
        if (withdrawal := self._owed.get((study, rater))) is not None:
            self._redact(withdrawal)

    def _redact(self, withdrawal: Line) -> None:
        if self.journal is None:
            return
        key = withdrawal["study"], withdrawal["rater"]
        self._owed[key] = withdrawal
        with _answering():
            self.journal.redact(withdrawal)
        self._owed.pop(key, None)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Open a connection that sees one state of the database throughout.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        with _answering(), self._engine.connect() as connection:
            yield connection


@contextmanager
def _opening(engine: sa.Engine) -> Iterator[None]:
    """Name the file of a database that can't be opened."""
    try:
        yield
    except StoreUnavailableError as error:
        if engine.dialect.name != "sqlite":
            raise
        why = getattr(error.__cause__, "orig", None) or error.__cause__
        raise StoreUnavailableError(not_writable(str(engine.url.database), why)) from error


@contextmanager
def _answering() -> Iterator[None]:
    """Turn every failure of the database into a `StoreUnavailableError`; refused votes pass through."""
    try:
        yield
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        raise StoreUnavailableError(
            "The vote database does not answer: try again in a moment; a ballot counts only once."
        ) from error
