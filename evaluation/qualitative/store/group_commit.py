"""Many writers share one commit: whoever comes while the disk is busy rides along with the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, OperationalError

from evaluation.qualitative.store.journal import Journal, Line

T = TypeVar("T")
Work = Callable[[sa.Connection, list[Line]], T]

TRIES = 5  # two processes can wait for each other's rows; the database ends one of them, who begins again


class _Ticket(Generic[T]):
    def __init__(self, work: Work[T]) -> None:
        self.work = work
        self.done = False
        self.turn = threading.Event()  # to go on: done, or the next to lead
        self.result: T
        self.error: BaseException | None = None


class GroupCommit:
    """Runs pieces of work in transactions of one process, each atomic, several to a commit.

    A commit costs as long as the disk takes, whatever is in it. The first who comes leads: it runs the work of all who
    wait, each in a savepoint of its own, writes their lines to the journal, commits, wakes the first who came meanwhile
    to lead the next, and then all whose work is done. None of these waits for another commit.
    """

    def __init__(self, engine: sa.Engine, journal: Journal | None) -> None:
        """Write through an engine, and to a journal if there is one."""
        self._engine = engine
        self._journal = journal
        self._led = False
        self._waiting: list[_Ticket[Any]] = []
        self._queue = threading.Lock()

    def run(self, work: Work[T]) -> T:
        """Run work with a connection and a list for its journal lines; when this returns, it is on the disk.

        The work may run more than once, and must leave no trace but in its connection and its lines.

        Raises:
            VoteError: the work's own; nothing of it was stored.
            DBAPIError: the database failed; so did the work of everybody in this commit.
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
        for one in (*following, *group):
            one.turn.set()

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
            ticket.error = failure or ticket.error  # a refusal may rest on what was not committed after all
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
                    raise  # the connection is gone, or another process has to go first
                except Exception as error:
                    ticket.error = error
                else:
                    lines += own
            # Before the commit: what is acknowledged is then in both. A line whose commit failed is no harm, since the
            # vote is asked for again and its later line wins.
            if self._journal is not None:
                self._journal.append(lines)


def _deadlocked(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40P01", "40001")
