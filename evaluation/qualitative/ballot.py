"""A ballot is one question to one rater: which of two pictures? It is drawn once and counts once."""

from __future__ import annotations

import random
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from evaluation.qualitative.study import Study
from models.latent import MAX_SEED

if TYPE_CHECKING:
    from evaluation.qualitative.store import Store

_RATER = re.compile(r"[A-Za-z0-9_-]{16,64}")


class VoteError(ValueError):
    """A vote or a rater that can't be accepted; the message tells a person why and what to do."""


class InvalidRaterError(VoteError):
    """The rater id is not of the form that `new_rater` gives."""


class UnknownBallotError(VoteError):
    """No ballot with this id was ever issued."""


class ForeignBallotError(VoteError):
    """The ballot was issued to another rater."""


class UsedBallotError(VoteError):
    """The ballot already has its vote."""


class InvalidChoiceError(VoteError):
    """The choice is none of `Choice`."""


class InvalidResponseTimeError(VoteError):
    """The response time is not a whole number of milliseconds within a day."""


class ExpiredBallotError(VoteError):
    """The ballot was answered too late."""


class InvalidReasonError(VoteError):
    """The reason is no text, or too long."""


class InvalidLinkError(VoteError):
    """A parameter of the participant's link is not of the form that a platform gives."""


class TooManyBallotsError(VoteError):
    """The rater, or the address, asked for more than the limit."""


class NotDoneError(VoteError):
    """The session has not come to its end."""


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
        left: id of the arm shown on the left; `right` likewise.
        left_seed: 0 … `MAX_SEED`, gives the left picture again; `right_seed` likewise.
        pair_probability: chance that this pair of arms, whatever the sides, was drawn.
        issued_at: UTC.
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


@dataclass(frozen=True, kw_only=True)
class Vote:
    """A rater's answer to a ballot.

    Attributes:
        ballot: what was answered.
        choice: the answer.
        response_ms: from both pictures being on the screen to the answer, by the rater's clock; None if not measured.
        cast_at: UTC.
    """

    ballot: Ballot
    choice: Choice
    response_ms: int | None
    cast_at: datetime


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


def draw(study: Study, *, rater: str, rng: random.Random | None = None) -> Ballot:
    """Draw a ballot: every unordered pair of arms is equally likely, and so is either side for either arm.

    Args:
        study: whose arms compete.
        rater: whom the ballot is for.
        rng: a source of chance that can be repeated; the operating system's by default, which nobody can predict.

    Returns:
        A ballot that is not stored yet. Its id is unpredictable whatever `rng`.

    Raises:
        InvalidRaterError: the rater id is malformed.
    """
    check_rater(rater)
    rng = rng or secrets.SystemRandom()
    pairs = list(combinations([arm.id for arm in study.arms], 2))
    left, right = rng.sample(rng.choice(pairs), 2)
    return Ballot(
        id=secrets.token_urlsafe(16),
        study=study.name,
        rater=rater,
        left=left,
        right=right,
        left_seed=rng.randint(0, MAX_SEED),
        right_seed=rng.randint(0, MAX_SEED),
        pair_probability=1 / len(pairs),
        issued_at=datetime.now(UTC),
    )


def next_ballot(study: Study, store: Store, *, rater: str, rng: random.Random | None = None) -> Ballot:
    """Return the ballot that the rater left unanswered, so that a reload shows the same pair, or issue a new one.

    A ballot that names an arm which the study has lost since can't be shown any more and is passed over.

    Raises:
        InvalidRaterError: the rater id is malformed.
        StoreUnavailableError: the database does not answer.
    """
    ballot = store.open_ballot(study.name, rater=rater)
    if ballot is None or not {ballot.left, ballot.right} <= {arm.id for arm in study.arms}:
        ballot = draw(study, rater=rater, rng=rng)
        store.issue(ballot)
    return ballot
