"""Events of raters besides their answers: joined, consented, read the instructions, finished, withdrew."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.ballot import Record, check_rater
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, events, votes, withdrawals
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store

_WITHDRAWAL, _EVENTS, _BALLOTS = (
    sa.select(*columns).where(table.c.study == sa.bindparam("of_study"), table.c.rater == sa.bindparam("of_rater"))
    for table, columns in (
        (withdrawals, (withdrawals.c.at,)),
        (events, (events.c.kind, events.c.details, events.c.at)),
        (ballots, (ballots.c.id,)),
    )
)
_EVENTS = _EVENTS.order_by(events.c.id)


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that a rater did.

    Attributes:
        kind: `joined`, `consented`, `instructed` or `completed`.
        details: values that JSON can hold, such as the parameters of a link.
        at: UTC.
    """

    kind: str
    details: Mapping[str, Any]
    at: datetime


def rater_of(store: Store, study: str, participant: str) -> str:
    """Return the rater id of a platform's participant: a keyed hash, always the same in one database."""
    name = f"{study}\n{participant}".encode()
    return "p-" + hmac.new(bytes.fromhex(store.key), name, hashlib.sha256).hexdigest()[:40]


def record(
    store: Store, study: str, *, rater: str, kind: str, details: Mapping[str, Any] | None = None, once: bool = True
) -> None:
    """Store an event.

    Args:
        store: the database.
        study: name of the study.
        rater: id of the rater.
        kind: see `Event`.
        details: see `Event`.
        once: do nothing if the rater has an event of this kind with the same details already.

    Raises:
        InvalidRaterError: the rater id is malformed.
        StoreUnavailableError: the database does not answer.
    """
    check_rater(rater)
    row = {"study": study, "rater": rater, "kind": kind, "details": dict(details or {}), "at": datetime.now(UTC)}
    alike = sa.select(events.c.details).where(events.c.study == study, events.c.rater == rater, events.c.kind == kind)

    def work(connection: sa.Connection, lines: list[Line]) -> None:
        if once and row["details"] in list(connection.execute(alike).scalars()):
            return
        connection.execute(sa.insert(events).values(row))
        lines.append(rows.line(events, row))

    store.write(work)


def facts(store: Store, study: str, *, rater: str, history: bool = True) -> tuple[bool, list[Event], list[Record]]:
    """Return all that is stored about a rater, read in one transaction.

    Args:
        store: the database.
        study: name of the study.
        rater: id of the rater.
        history: also read the ballots; without them the list of records is empty.

    Returns:
        Whether the rater withdrew, the events, and the ballots with their answers, oldest first.

    Raises:
        InvalidRaterError: the rater id is malformed.
        StoreUnavailableError: the database does not answer.
    """
    check_rater(rater)
    parameters = {"of_study": study, "of_rater": rater}
    with store.reading() as connection:
        withdrawn = connection.execute(_WITHDRAWAL, parameters).first() is not None
        happened = [Event(**row._mapping) for row in connection.execute(_EVENTS, parameters)]
        return withdrawn, happened, rows.history(connection, study, rater) if history else []


def raters(store: Store, study: str, *, kind: str) -> list[str]:
    """Return all raters with an event of a kind, in the order of their first."""
    query = sa.select(events.c.rater).where(events.c.study == study, events.c.kind == kind).order_by(events.c.id)
    with store.reading() as connection:
        return list(dict.fromkeys(connection.execute(query).scalars()))


def withdraw(store: Store, study: str, *, rater: str) -> int:
    """Delete all rows of a rater and their lines in the journal; only the id stays, so that the link stays closed.

    The time of a rater's first withdrawal stays too. For a rater of whom nothing is stored nothing is written, so that
    nobody can fill the table with invented ids.

    Returns:
        How many answers were deleted, corrections not counted.

    Raises:
        InvalidRaterError: the rater id is malformed.
        StoreUnavailableError: the database does not answer; withdrawing again is safe.
    """
    check_rater(rater)
    names = {"of_study": study, "of_rater": rater}
    theirs = sa.select(ballots.c.id).where(ballots.c.study == study, ballots.c.rater == rater)

    def work(  # the journal is rewritten below
        connection: sa.Connection,
        lines: list[Line],  # noqa: ARG001
    ) -> tuple[int, dict[str, Any]] | None:
        earlier = connection.execute(_WITHDRAWAL, names).scalar_one_or_none()
        if earlier is None and not any(connection.execute(query, names).first() for query in (_EVENTS, _BALLOTS)):
            return None
        row = {"study": study, "rater": rater, "at": earlier or datetime.now(UTC)}
        counted = sa.select(sa.func.count()).where(votes.c.ballot_id.in_(theirs), votes.c.revision == 0)
        answers = connection.execute(counted).scalar_one()
        connection.execute(sa.delete(votes).where(votes.c.ballot_id.in_(theirs)))
        for table in (ballots, events, withdrawals):
            connection.execute(sa.delete(table).where(table.c.study == study, table.c.rater == rater))
        connection.execute(sa.insert(withdrawals).values(row))
        return answers, row

    deleted = store.write(work)
    if deleted is None:
        return 0
    answers, row = deleted
    store.redact(rows.line(withdrawals, row))
    return answers


def withdrawn_at(store: Store, study: str) -> list[datetime]:
    """Return when raters withdrew from a study, in UTC, earliest first."""
    query = sa.select(withdrawals.c.at).where(withdrawals.c.study == study).order_by(withdrawals.c.at)
    with store.reading() as connection:
        return list(connection.execute(query).scalars())
