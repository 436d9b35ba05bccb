"""Whose session a link opens.

A session belongs to whoever has its secret: the browser that began it, and the rater's own link. A platform's id of a
participant begins a session once and opens none, because others may know it.

Nobody can prepare a secret for somebody else: a secret that no rater has yet begins a session only where anybody may
vote at once, and never together with a participant's id. Other sessions begin with a fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from evaluation.qualitative.ballot import InvalidRaterError, is_rater_id, new_secret, rater_id
from evaluation.qualitative.session.stages import InvalidLinkError
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.schema import Study

BEGUN = (
    "A session with your id has begun in another browser. Go on there, or open here the link that the page there shows "
    "under “My link”. If you have neither, write to the researchers."
)


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """The session that a link opens.

    Attributes:
        secret: of the rater.
        rater: id of the rater.
        withdrawn: whether the rater withdrew.
        joined_at: UTC, of the first visit with a link; None before it.
        stored: whether the visit with this very link is stored already, so that nothing new has to be.
    """

    secret: str
    rater: str
    withdrawn: bool = False
    joined_at: datetime | None = None
    stored: bool = False


def find(store: Store, study: Study, link: Mapping[str, str], *, secrets: Sequence[Any], fresh: Any) -> OpenSession:
    """Return the session of a link: that of a secret which may open it, or a new one. Nothing is stored.

    Args:
        store: the database.
        study: the study.
        link: from `Platform.read`.
        secrets: from the page, or anything else.
        fresh: the secret with which a session begins, or anything else.

    Raises:
        InvalidLinkError: the participant's session began in another browser, or the study needs a participant's id.
        InvalidRaterError: a secret is a rater's id.
    """
    begun = _begun(store, study, link)
    for kept in (*secrets, fresh):
        rater = _rater(store, study, kept)
        if rater is None or ("participant" in link and begun != rater):
            continue
        withdrawn, happened, _ = events.facts(store, study.name, rater=rater, history=False)
        joined = [event for event in happened if event.kind == "joined"]
        if withdrawn or happened or (study.casual and "participant" not in link):
            return OpenSession(
                secret=kept,
                rater=rater,
                withdrawn=withdrawn,
                joined_at=joined[0].at if joined else None,
                stored=any(event.details == link for event in joined),
            )
    if begun is not None:
        raise InvalidLinkError(BEGUN)
    if study.links.required and "participant" not in link:
        raise InvalidLinkError("Open this study from the platform that invited you: its link holds your id.")
    rater = _rater(store, study, fresh)
    if rater is not None and not any(events.facts(store, study.name, rater=rater)):
        return OpenSession(secret=fresh, rater=rater)
    drawn = new_secret()
    return OpenSession(secret=drawn, rater=rater_id(store.key, study.name, drawn))


def record(store: Store, study: Study, link: Mapping[str, str], session: OpenSession) -> None:
    """Store that a rater opened a link, unless that is stored; most visits, a reload or a pause, add nothing.

    Raises:
        InvalidLinkError: in the meantime the participant's session began in another browser; nothing was stored.
    """
    if session.stored:
        return
    participant = _participant(store, study, link)
    if events.join(store, study.name, rater=session.rater, participant=participant, details=link) != session.rater:
        raise InvalidLinkError(BEGUN)


def _participant(store: Store, study: Study, link: Mapping[str, str]) -> str | None:
    return events.participant_of(store, study.name, link["participant"]) if "participant" in link else None


def _begun(store: Store, study: Study, link: Mapping[str, str]) -> str | None:
    """The rater that the link's participant is already."""
    participant = _participant(store, study, link)
    return None if participant is None else events.begun(store, study.name, participant=participant)


def _rater(store: Store, study: Study, secret: Any) -> str | None:
    """The id of the rater with a secret; None for a malformed one."""
    try:
        return rater_id(store.key, study.name, secret)
    except InvalidRaterError:
        if isinstance(secret, str) and is_rater_id(secret):
            raise
        return None
