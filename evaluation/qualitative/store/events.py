"""What raters do besides answering: join, take a place, consent, read the instructions, finish, withdraw."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.ballot import Record, check_rater
from evaluation.qualitative.store import earlier, rows
from evaluation.qualitative.store.database import ballots, events, participants, votes, withdrawals
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
        kind: `joined`, `placed` (in a study with a maximum of raters), `consented`, `answered_before`, `instructed`,
            `comprehension`, `answered_after` or `completed`; those of the owner are in `declarations`.
        details: values that JSON can hold, such as the parameters of a link (`study.platform`), or answers.
        at: UTC.
    """

    kind: str
    details: Mapping[str, Any]
    at: datetime


def participant_of(store: Store, study: str, given: str) -> str:
    """Return the keyed hash by which a platform's participant is recognised; `given` is the platform's id."""
    name = f"{study}\n{given}".encode()
    secret = "p-" + hmac.new(bytes.fromhex(store.key), name, hashlib.sha256).hexdigest()[:40]
    return earlier.participant(store.key, secret)


def begun(store: Store, study: str, *, participant: str) -> str | None:
    """Return the id of the rater that a platform's participant is; None before the participant has begun."""
    with store.reading() as connection:
        return _begun(connection, study, participant)


def join(store: Store, study: str, *, rater: str, participant: str | None, details: Mapping[str, Any]) -> str:
    """Store that a rater opened a link, and that a platform's participant is this rater from now on.

    Args:
        store: the database.
        study: name of the study.
        rater: id of the rater.
        participant: from `participant_of`; None without a platform.
        details: parameters of the link.

    Returns:
        The rater that the participant is. If it is another one, nothing was stored: another browser was first.

    Raises:
        WithdrawnError: the rater has withdrawn.
        StoreUnavailableError: the database does not answer.
    """
    opened = _event(study, rater, "joined", details)

    def work(connection: sa.Connection, lines: list[Line]) -> str:
        rows.check_takes_part(connection, study, rater)
        if participant is not None:
            row = {"study": study, "participant": participant, "rater": rater}
            if rows.added(connection, participants, row):
                lines.append(rows.line(participants, row))
            elif (other := _begun(connection, study, participant)) not in (rater, None):
                assert other is not None
                return other
        _add(connection, lines, opened, once=True)
        return rater

    return store.write(work)


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
        WithdrawnError: the rater has withdrawn.
        StoreUnavailableError: the database does not answer.
    """
    check_rater(rater)
    row = _event(study, rater, kind, details or {})

    def work(connection: sa.Connection, lines: list[Line]) -> None:
        rows.check_takes_part(connection, study, rater)
        _add(connection, lines, row, once=once)

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


def withdraw(store: Store, study: str, *, rater: str) -> int:
    """Delete all rows of a rater, and soon after their lines in the journal; only the rater's id stays.

    So the rater's link stays closed, and so does a platform's: the hash of its participant's id stays beside the id.

    For a rater of whom nothing is stored, or nothing any more, nothing is written: so nobody can fill the table with
    invented ids, nor the journal by withdrawing again and again.

    Returns:
        How many answers were deleted, corrections not counted.

    Raises:
        InvalidRaterError: the rater id is malformed.
        StoreUnavailableError: the database does not answer; withdrawing again is safe.
    """
    check_rater(rater)
    names = {"of_study": study, "of_rater": rater}
    theirs = sa.select(ballots.c.id).where(ballots.c.study == study, ballots.c.rater == rater)

    def work(  # the journal's line is written below
        connection: sa.Connection,
        lines: list[Line],  # noqa: ARG001
    ) -> tuple[int, dict[str, Any]] | None:
        rows.lock(connection, rater)
        if not any(connection.execute(query, names).first() for query in (_EVENTS, _BALLOTS)):
            return None
        earlier = connection.execute(_WITHDRAWAL, names).scalar_one_or_none()
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
        store.redact_owed(study, rater=rater)
        return 0
    answers, row = deleted
    store.redact(rows.line(withdrawals, row))
    return answers


def withdrawn_at(store: Store, study: str) -> list[datetime]:
    """Return when raters withdrew from a study, in UTC, earliest first."""
    query = sa.select(withdrawals.c.at).where(withdrawals.c.study == study).order_by(withdrawals.c.at)
    with store.reading() as connection:
        return list(connection.execute(query).scalars())


def _event(study: str, rater: str, kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    return {"study": study, "rater": rater, "kind": kind, "details": dict(details), "at": datetime.now(UTC)}


def _add(connection: sa.Connection, lines: list[Line], row: dict[str, Any], *, once: bool) -> None:
    if once:
        same = (events.c.study == row["study"], events.c.rater == row["rater"], events.c.kind == row["kind"])
        if row["details"] in list(connection.execute(sa.select(events.c.details).where(*same)).scalars()):
            return
    connection.execute(sa.insert(events).values(row))
    lines.append(rows.line(events, row))


def _begun(connection: sa.Connection, study: str, participant: str) -> str | None:
    known = (participants.c.study == study, participants.c.participant == participant)
    return connection.execute(sa.select(participants.c.rater).where(*known)).scalar_one_or_none()
