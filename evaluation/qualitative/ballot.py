"""A ballot is one question to one rater: which of two pictures, or is this one real? It counts once."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

DAY_MS = 24 * 60 * 60 * 1000
MAX_REASON = 500
LOOK_TOLERANCE_MS = 100  # clocks of two servers differ a little, and so do timers of browsers

_RATER = re.compile(r"[A-Za-z0-9_-]{16,64}")
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # no database or spreadsheet takes these


class VoteError(ValueError):
    """A vote or a rater that can't be accepted; the message tells a person why and what to do."""


class InvalidRaterError(VoteError):
    """The rater id is not of the form that `new_rater` gives."""


class UnknownBallotError(VoteError):
    """No ballot with this id was ever issued."""


class ForeignBallotError(VoteError):
    """The ballot was issued to another rater."""


class UsedBallotError(VoteError):
    """The ballot already has another answer."""


class ExpiredBallotError(VoteError):
    """The ballot was answered too late."""


class TooSoonError(VoteError):
    """The answer came before its pictures can have been looked at; it can be given again."""


class InvalidChoiceError(VoteError):
    """The choice is none that the study allows."""


class InvalidResponseTimeError(VoteError):
    """The response time is not a whole number of milliseconds within a day."""


class InvalidReasonError(VoteError):
    """The reason is no text, or too long."""


class Choice(StrEnum):
    """What a rater can answer, as far as the study allows it.

    A tie is a judgement and counts as half a win for each; so is 'both bad', which says more. 'Not sure' and a skip
    are none. `REAL` and `FAKE` answer ballots of one picture.
    """

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BOTH_BAD = "both_bad"
    NOT_SURE = "not_sure"
    SKIP = "skip"
    REAL = "real"
    FAKE = "fake"


class Purpose(StrEnum):
    """Why a ballot is asked. Only ratings enter the ranking."""

    RATING = "rating"
    TRAINING = "training"
    ATTENTION = "attention"
    GOLD = "gold"


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """Everything about one question, fixed when it is issued.

    Attributes:
        id: single-use and unguessable; it says nothing about the arms.
        study: name of the study.
        rater: opaque id of the only person who may answer.
        left: id of the arm shown on the left, or of the only one; `right` likewise, "" where there is one picture.
        left_seed: 0 … `MAX_SEED`, gives the left picture again; `right_seed` likewise. 0 where an item is no seed.
        pair_probability: chance that this pair of arms, whatever the sides, was drawn, given the rater's ballots before
            and the votes of all; 1 where it was given (training and gold).
        issued_at: UTC.
        study_digest: of the study as it was then (`drawing.digest`).
        item: what both pictures show; "" where each has a seed of its own.
        purpose: why it is asked.
        expected: the right answer to a check or a training trial, which no rater is told; else None.
        instruction: what an attention check tells the rater to answer; else "".
        exposure_ms: how long the pictures are shown; None for as long as the rater likes.
        expires_at: UTC, from when no answer is taken; None for never.
        position: 0, 1, 2 … among the rater's ballots of this stage; None for visitors.
        address: salted hash of the address that it was issued to (`session.addresses.Addresses`), or None.
    """

    id: str
    study: str
    rater: str
    left: str
    right: str
    left_seed: int
    right_seed: int
    pair_probability: float
    issued_at: datetime
    study_digest: str = ""
    item: str = ""
    purpose: Purpose = Purpose.RATING
    expected: Choice | None = None
    instruction: str = ""
    exposure_ms: int | None = None
    expires_at: datetime | None = None
    position: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        """Take the words of a database or a journal for their meanings."""
        object.__setattr__(self, "purpose", Purpose(self.purpose))
        object.__setattr__(self, "expected", None if self.expected is None else Choice(self.expected))

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms it shows, left before right."""
        return (self.left, self.right) if self.right else (self.left,)

    @property
    def items(self) -> tuple[str, ...]:
        """What each picture shows, left before right: an item's id, or a seed in digits."""
        return (self.item or str(self.left_seed), self.item or str(self.right_seed))[: len(self.arms)]

    def expired(self, now: datetime) -> bool:
        """Whether it is too late to answer."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, kw_only=True)
class Vote:
    """A rater's answer to a ballot.

    Attributes:
        ballot: what was answered.
        choice: the answer.
        response_ms: from the pictures being on the screen to the answer, by the rater's clock; None if not measured.
        cast_at: UTC.
        reason: why, in the rater's words, or "".
        revision: 0, and one more with each correction.
        already_counted: this very answer was there before; nothing was added.
    """

    ballot: Ballot
    choice: Choice
    response_ms: int | None
    cast_at: datetime
    reason: str = ""
    revision: int = 0
    already_counted: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """A ballot and what became of it: `vote` is the latest answer, or None."""

    ballot: Ballot
    vote: Vote | None


def new_rater() -> str:
    """Return an opaque id for somebody who rates for the first time. It holds nothing but chance."""
    return secrets.token_urlsafe(16)


def check_rater(rater: str) -> None:
    """Refuse a rater id that is not 16 to 64 letters, digits, `-` or `_`.

    Raises:
        InvalidRaterError: as said.
    """
    if not isinstance(rater, str) or not _RATER.fullmatch(rater):
        raise InvalidRaterError(
            "A rater id is 16 to 64 letters, digits, hyphens or underscores: reload the page to get a new one."
        )


def is_ballot_id(ballot_id: Any) -> bool:
    """Whether this could be the id of a ballot: anything else no database needs to be asked about, nor always can."""
    return isinstance(ballot_id, str) and 0 < len(ballot_id) <= 64 and ballot_id.isascii() and ballot_id.isprintable()


def valid_choice(choice: Any, *, allowed: tuple[Choice, ...] = tuple(Choice)) -> Choice:
    """Return the choice that a word names.

    Raises:
        InvalidChoiceError: it is none of those allowed.
    """
    if not isinstance(choice, str) or choice not in allowed:
        raise InvalidChoiceError(f"{choice!r:.40} is not an answer: choose one of {', '.join(allowed)}.")
    return Choice(choice)


def check_response_time(response_ms: Any) -> None:
    """Refuse what is not a whole number of milliseconds from 0 to a day, or None.

    Raises:
        InvalidResponseTimeError: as said.
    """
    if response_ms is None or (type(response_ms) is int and 0 <= response_ms <= DAY_MS):
        return
    raise InvalidResponseTimeError(
        f"The response time must be a whole number of milliseconds from 0 to {DAY_MS}, got {response_ms!r:.40}."
    )


def check_look(ballot: Ballot, response_ms: int | None, *, minimum_ms: int, now: datetime) -> None:
    """Refuse an answer that comes sooner than its pictures can have been on the screen for the minimum time.

    They are shown some time after the ballot is issued, ballots that were drawn ahead a long time: so the time since
    then is the longest look there can have been. The rater's own clock, where it measured, starts when they are shown.

    Args:
        ballot: what is answered.
        response_ms: from the pictures being shown, or their exposure being over, to the answer; None if not measured.
        minimum_ms: how long a look has to be at least; 0 for any.
        now: UTC.

    Raises:
        TooSoonError: as said.
    """
    if minimum_ms == 0:
        return
    since_issued = (now - ballot.issued_at).total_seconds() * 1000
    longest = since_issued - (ballot.exposure_ms or 0)
    set_back = since_issued < 0  # the server's clock was: it says nothing
    measured = minimum_ms if response_ms is None else response_ms
    if min(measured, minimum_ms if set_back else longest) < minimum_ms - LOOK_TOLERANCE_MS:
        raise TooSoonError(
            f"Look at the pictures for at least {minimum_ms / 1000:g} s before you answer, then answer again."
        )


def valid_reason(reason: Any) -> str:
    """Return a rater's reason without surrounding blanks, "" for None.

    Raises:
        InvalidReasonError: it is no text, longer than `MAX_REASON` characters, or holds control characters.
    """
    if reason is None:
        return ""
    if not isinstance(reason, str) or len(reason) > MAX_REASON or _UNWANTED.search(reason):
        raise InvalidReasonError(f"A reason is plain text of at most {MAX_REASON} characters: shorten it, please.")
    return reason.strip()


def same(vote: Vote, choice: Choice, reason: str, *, correct: bool) -> bool:
    """Whether this answer was given before; a retry need not repeat its reason."""
    return vote.choice == choice and (vote.reason == reason or not correct)


def follow(found: Record, choice: Choice, reason: str, *, response_ms: int | None, correct: bool) -> Vote:
    """The vote that may be added to what a ballot has."""
    now = datetime.now(UTC)
    if found.vote is not None and not correct:
        raise UsedBallotError("This ballot already has its vote, which stands: go on to the next pair.")
    if found.vote is None and found.ballot.expired(now):
        raise ExpiredBallotError("This pair was shown too long ago to be judged now: ask for a new one.")
    revision = 0 if found.vote is None else found.vote.revision + 1
    return Vote(
        ballot=found.ballot, choice=choice, response_ms=response_ms, cast_at=now, reason=reason, revision=revision
    )
