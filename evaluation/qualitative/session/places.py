"""Places in a study with a maximum of raters: who has one, and who takes one that is free.

A rater has a place after finishing, and before that until `place_minutes` without a new question or an answer.

Raters who come with the platform's id of a participant have places of their own, as many as the maximum says. Whoever
comes without one takes a place beside, of as many again: strangers who have the link can't fill a paid study.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from evaluation.qualitative.ballot import Record
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, events, participants, votes
from evaluation.qualitative.store.events import Event
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store

PLACED = "placed"  # the kind of the event


class Places:
    """The places of one study. Safe to share between threads and processes."""

    def __init__(self, store: Store, study: str, *, number: int, minutes: int, answers: int) -> None:
        """Count the places of a study.

        Args:
            store: the database.
            study: name of the study.
            number: how many there are for raters from the platform, and how many for the others.
            minutes: how long a place is kept without a new question or an answer.
            answers: number of answers after which a rater has finished.
        """
        self._store = store
        self._study = study
        self._number = number
        self._minutes = minutes
        self._answers = answers

    def held(self, happened: Sequence[Event], history: Sequence[Record]) -> bool:
        """Return whether a rater with these events and ballots has a place now."""
        answered = [record.vote.cast_at for record in history if record.vote]
        times = [event.at for event in happened if event.kind == PLACED]
        times += [record.ballot.issued_at for record in history] + answered
        return len(answered) >= self._answers or max(times, default=self._since()) > self._since()

    def free(self, rater: str) -> bool:
        """Return whether there is a place for a rater now."""
        with self._store.reading() as connection:
            return self._free(connection, rater)

    def take(self, rater: str) -> bool:
        """Give a rater a place, unless all are taken; of two who come for the last one, one gets it.

        Raises:
            WithdrawnError: the rater has withdrawn.
        """
        row = {"study": self._study, "rater": rater, "kind": PLACED, "details": {}, "at": datetime.now(UTC)}

        def work(connection: sa.Connection, lines: list[Line]) -> bool:
            rows.check_takes_part(connection, self._study, rater)
            if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
                lock = sa.func.hashtext(f"places {self._study}")
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            if not self._free(connection, rater):
                return False
            connection.execute(sa.insert(events).values(row))
            lines.append(rows.line(events, row))
            return True

        return self._store.write(work)

    def _free(self, connection: sa.Connection, rater: str) -> bool:
        invited = set(
            connection.execute(sa.select(participants.c.rater).where(participants.c.study == self._study)).scalars()
        )
        peers = {holder for holder in self._holders(connection) if (holder in invited) == (rater in invited)}
        return len(peers - {rater}) < self._number

    def _holders(self, connection: sa.Connection) -> set[str]:
        """The raters who have finished, or did something since the places began to be free again."""
        since = self._since()
        answered = sa.select(
            ballots.c.rater,
            sa.func.max(ballots.c.issued_at).label("issued"),
            sa.func.max(votes.c.cast_at).label("cast"),
            sa.func.count(votes.c.id.distinct()).filter(votes.c.revision == 0).label("answers"),
        )
        answered = answered.select_from(ballots.outerjoin(votes)).where(ballots.c.study == self._study)
        placed = sa.select(events.c.rater).where(
            events.c.study == self._study, events.c.kind == PLACED, events.c.at > since
        )
        return {
            row.rater
            for row in connection.execute(answered.group_by(ballots.c.rater))
            if row.answers >= self._answers or max(row.issued, row.cast or row.issued) > since
        } | set(connection.execute(placed).scalars())

    def _since(self) -> datetime:
        return datetime.now(UTC) - timedelta(minutes=self._minutes)
