"""Group commit: concurrent writers share one commit, so that one wait for the disk serves many votes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from evaluation.qualitative.store.journal import Journal, Line

T = TypeVar("T")
Work = Callable[[sa.Connection, list[Line]], T]

TRIES = 5  # two processes can wait for each other's rows: the database aborts one of them, which starts again


class _Ticket(Generic[T]):
    def __init__(self, work: Work[T]) -> None:
        self.work = work
        self.done = False
        self.turn = threading.Event()  # set when the work is done, or when this ticket leads the next commit
        self.result: T
        self.error: BaseException | None = None


class GroupCommit:
    """Runs pieces of work in transactions of one process, each atomic, several to a commit.

    A commit takes as long as the disk takes, whatever is in it. The first thread leads: it runs the work of all
    waiting threads, each in its own savepoint, writes their lines to the journal and commits. Then it wakes the first
    thread that arrived during the commit, to lead the next one, and all threads whose work is done.
    """

    def __init__(self, engine: sa.Engine, journal: Journal | None) -> None:
        """Write through an engine and to a journal, if there is one."""
        self._engine = engine
        self._journal = journal
        self._led = False
        self._waiting: list[_Ticket[Any]] = []
        self._queue = threading.Lock()

    def run(self, work: Work[T]) -> T:
        """Run work with a connection and a list for its journal lines; when this returns, both are on the disk.

        The work may run more than once and in another thread; it may change only its connection and its lines.

        Raises:
            VoteError: the work refused the vote; nothing of it was stored.
            DBAPIError: the database failed for all the work in this commit.
        """
        ticket = _Ticket(work)
        with self._queue:
            self._waiting.append(ticket)
            follows, self._led = self._led, True
        if follows:
            ticket.turn.wait()
        if not ticket.done:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result

    def _lead(self) -> None:
        with self._queue:
            group, self._waiting = self._waiting, []
        self._commit(group)
        with self._queue:
            following = self._waiting[:1]
            self._led = bool(following)
        for ticket in (*following, *group):
            ticket.turn.set()

    def _commit(self, group: list[_Ticket[Any]]) -> None:
        failure: BaseException | None = None
        for _ in range(TRIES):
            try:
                self._try(group)
                failure = None
                break
            except OperationalError as error:
                failure = error
                if not _deadlocked(error):
                    break
            except BaseException as error:
                failure = error
                break
        for ticket in group:
            ticket.error = failure or ticket.error  # a refusal may depend on work that was not committed
            ticket.done = True

    def _try(self, group: list[_Ticket[Any]]) -> None:
        lines: list[Line] = []
        with self._engine.begin() as connection:
            for ticket in group:
                own: list[Line] = []
                ticket.error = None
                try:
                    with connection.begin_nested():
                        ticket.result = ticket.work(connection, own)
                except (OperationalError, InterfaceError):
                    raise  # the connection is lost, or another process has to go first
                except Exception as error:
                    ticket.error = error
                else:
                    lines += own
            # Before the commit, so that an acknowledged vote is in both. A line whose commit failed does no harm: the
            # vote is sent again, and its later line wins.
            if self._journal is not None:
                self._journal.append(lines)


def _deadlocked(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")
