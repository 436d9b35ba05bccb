"""What the owner of a study declares and does: people invited, a preregistration, an id that is free again.

Each is an event of the study whose rater is empty: nobody's withdrawal deletes it, and the journal keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, events, participants, votes
from evaluation.qualitative.store.journal import Line
from evaluation.qualitative.store.store import Store

OWNER = ""  # in the place of a rater's id
INVITED, REGISTERED, FREED = "invited", "registered", "freed"  # kinds of the events

_DECLARED = (
    sa.select(events.c.kind, events.c.details, events.c.at)
    .where(events.c.study == sa.bindparam("of_study"), events.c.rater == OWNER)
    .order_by(events.c.id)
)


class AfterFirstVoteError(ValueError):
    """A preregistration can't be replaced: somebody has voted since it was stored."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What an owner has declared about a study so far.

    Attributes:
        invited: how many people were asked to take part; None if the owner does not say.
        registered: the content of each preregistration and when it was stored, UTC, oldest first.
        freed: when a platform's id was freed, UTC, by id of the rater who had begun with it.
    """

    invited: int | None = None
    registered: Sequence[tuple[Mapping[str, Any], datetime]] = ()
    freed: Mapping[str, datetime] = field(default_factory=dict)


def declared(store: Store, study: str) -> Declared:
    """Return what the owner has declared about a study.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    invited, registered, freed = None, [], {}
    with store.reading() as connection:
        for kind, details, at in connection.execute(_DECLARED, {"of_study": study}):
            match kind:
                case "invited":
                    invited = details["people"]
                case "registered":
                    registered.append((details["file"], at))
                case "freed":
                    freed[details["rater"]] = at
    return Declared(invited=invited, registered=tuple(registered), freed=freed)


def declare_invited(store: Store, study: str, people: int | None) -> None:
    """Store how many people were asked to take part; the last declaration counts. None: it is not known.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    store.write(lambda connection, lines: _add(connection, lines, study, INVITED, {"people": people}))


def register(store: Store, study: str, file: Mapping[str, Any]) -> None:
    """Store a preregistration, in place of an earlier one only before the first vote.

    Args:
        store: the database.
        study: name of the study.
        file: its content, checked.

    Raises:
        AfterFirstVoteError: there is one, and somebody has voted; nothing was stored.
        StoreUnavailableError: the database does not answer.
    """
    earlier = sa.select(events.c.id).where(
        events.c.study == study, events.c.rater == OWNER, events.c.kind == REGISTERED
    )
    voted = sa.select(votes.c.id).select_from(ballots.join(votes)).where(ballots.c.study == study)

    def work(connection: sa.Connection, lines: list[Line]) -> None:
        if all(connection.execute(query.limit(1)).first() for query in (earlier, voted)):
            raise AfterFirstVoteError("the study has a preregistration, and somebody has voted: it stays as it is")
        _add(connection, lines, study, REGISTERED, {"file": dict(file)})

    store.write(work)


def free(store: Store, study: str, *, participant: str) -> str | None:
    """Let a platform's participant begin anew, though another browser has begun with the id; all answers stay.

    Args:
        store: the database.
        study: name of the study.
        participant: from `events.participant_of`.

    Returns:
        The rater that the participant was until now; None if nobody has begun with this id.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    row = (participants.c.study == study, participants.c.participant == participant)

    def work(connection: sa.Connection, lines: list[Line]) -> str | None:
        rater = connection.execute(sa.select(participants.c.rater).where(*row)).scalar_one_or_none()
        if rater is not None:
            connection.execute(sa.delete(participants).where(*row))
            _add(connection, lines, study, FREED, {"participant": participant, "rater": rater})
        return rater

    return store.write(work)


def _add(connection: sa.Connection, lines: list[Line], study: str, kind: str, details: dict[str, Any]) -> None:
    row = {"study": study, "rater": OWNER, "kind": kind, "details": details, "at": datetime.now(UTC)}
    connection.execute(sa.insert(events).values(row))
    lines.append(rows.line(events, row))
