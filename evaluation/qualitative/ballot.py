"""Ballots and votes: one question to one rater (about one, two or four pictures), answered once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

DAY_MS = 24 * 60 * 60 * 1000
MAX_REASON = 500
LOOK_TOLERANCE_MS = 100  # clocks of two servers differ a little, and so do timers of browsers

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,64}")
_RATER = re.compile(r"[A-Za-z0-9_:-]{16,64}")
_PREFIX = "rater:"  # no secret contains a colon, so an id never passes for a secret
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")  # no database or spreadsheet takes these


class VoteError(ValueError):
    """A vote or a rater that can't be accepted; the message says why and what to do."""


class InvalidRaterError(VoteError):
    """The secret of a rater, or a rater's id, is malformed, or nobody has it."""


class UnknownBallotError(VoteError):
    """There is no ballot with this id."""


class ForeignBallotError(VoteError):
    """The ballot was issued to another rater."""


class UsedBallotError(VoteError):
    """The ballot already has another answer."""


class ExpiredBallotError(VoteError):
    """The ballot was answered too late."""


class TooSoonError(VoteError):
    """The answer came before its pictures can have been looked at; it can be given again."""


class WithdrawnError(VoteError):
    """The rater has withdrawn: nothing more is stored."""


class InvalidChoiceError(VoteError):
    """The study does not allow this choice."""


class InvalidResponseTimeError(VoteError):
    """The response time is not a whole number of milliseconds within a day."""


class InvalidReasonError(VoteError):
    """The reason is not text, or too long."""


class Choice(StrEnum):
    """The answers to a ballot; a study allows some of them.

    A tie is a judgement and counts as half a win for each arm, and so does 'both bad'. 'Not sure' and 'skip' are no
    judgements. `REAL` and `FAKE` answer ballots with one picture, `BEST_…_WORST_…` those with four, numbered from 1.
    """

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BOTH_BAD = "both_bad"
    NOT_SURE = "not_sure"
    SKIP = "skip"
    REAL = "real"
    FAKE = "fake"
    BEST_1_WORST_2 = "best_1_worst_2"
    BEST_1_WORST_3 = "best_1_worst_3"
    BEST_1_WORST_4 = "best_1_worst_4"
    BEST_2_WORST_1 = "best_2_worst_1"
    BEST_2_WORST_3 = "best_2_worst_3"
    BEST_2_WORST_4 = "best_2_worst_4"
    BEST_3_WORST_1 = "best_3_worst_1"
    BEST_3_WORST_2 = "best_3_worst_2"
    BEST_3_WORST_4 = "best_3_worst_4"
    BEST_4_WORST_1 = "best_4_worst_1"
    BEST_4_WORST_2 = "best_4_worst_2"
    BEST_4_WORST_3 = "best_4_worst_3"

    @property
    def best_and_worst(self) -> tuple[int, int] | None:
        """Places of the best and the worst of four pictures, from 0; None for other answers."""
        match self.value.split("_"):
            case ["best", best, "worst", worst]:
                return int(best) - 1, int(worst) - 1
            case _:
                return None

    @property
    def judges(self) -> bool:
        """Whether the answer is a judgement."""
        return self not in (Choice.NOT_SURE, Choice.SKIP)


class Purpose(StrEnum):
    """The purpose of a ballot. Only ratings enter the ranking; answers in class have a study of their own."""

    RATING = "rating"
    TRAINING = "training"
    ATTENTION = "attention"
    GOLD = "gold"
    IN_CLASS = "class"


@dataclass(frozen=True, kw_only=True)
class Ballot:
    """Everything about one question, fixed when it is issued.

    Attributes:
        id: random, unguessable and single-use; it says nothing about the arms.
        study: name of the study.
        rater: id of the only rater who may answer (`rater_id`).
        left: id of the arm on the left, or of the only arm.
        right: id of the arm on the right; "" with one picture.
        left_seed: seed of the left picture, 0 … `MAX_SEED`; 0 where an item is no seed.
        right_seed: seed of the right picture, likewise.
        third: id of the third of four arms, read from the left, the upper row first; "" with fewer pictures.
        fourth: id of the fourth; then `left` is the first and `right` the second.
        third_seed: seed of the third picture.
        fourth_seed: seed of the fourth picture.
        pair_probability: probability of drawing these arms, whatever their places, given the rater's earlier
            ballots and all votes; 1 where the pair is fixed (training and gold).
        issued_at: UTC.
        study_digest: digest of the study at that time (`ballot_sampling.digest`).
        item: what both pictures show; "" where each picture has its own seed.
        purpose: see `Purpose`.
        expected: the right answer to a check or a training trial, never sent to a rater; else None.
        instruction: what an attention check tells the rater to answer; else "".
        exposure_ms: how long the pictures are shown; None for no limit.
        expires_at: UTC, from when no answer is taken; None for never.
        position: 0, 1, 2 … among the rater's ballots of this stage; None for visitors.
        address: salted hash of the network address it was issued to (`session.addresses.Addresses`), or None.
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
    third: str = ""
    fourth: str = ""
    third_seed: int = 0
    fourth_seed: int = 0

    def __post_init__(self) -> None:
        """Convert the words of a database or a journal to `Purpose` and `Choice`."""
        object.__setattr__(self, "purpose", Purpose(self.purpose))
        object.__setattr__(self, "expected", None if self.expected is None else Choice(self.expected))

    @property
    def arms(self) -> tuple[str, ...]:
        """Ids of its arms, left before right."""
        return tuple(arm for arm in (self.left, self.right, self.third, self.fourth) if arm)

    @property
    def items(self) -> tuple[str, ...]:
        """Items of its pictures, left before right: an item's id, or a seed in digits."""
        seeds = (self.left_seed, self.right_seed, self.third_seed, self.fourth_seed)[: len(self.arms)]
        return tuple(self.item or str(seed) for seed in seeds)

    def expired(self, now: datetime) -> bool:
        """Whether it is too late to answer."""
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, kw_only=True)
class Vote:
    """A rater's answer to a ballot.

    Attributes:
        ballot: the ballot.
        choice: the answer.
        response_ms: from the pictures being on the screen to the answer, by the rater's clock; None if not measured.
        cast_at: UTC.
        reason: in the rater's words, or "".
        revision: number of corrections so far.
        already_counted: the same answer was stored before; nothing was added.
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
    """A ballot and its latest answer; `vote` is None before the first."""

    ballot: Ballot
    vote: Vote | None


def new_secret() -> str:
    """Return a random secret for a new rater's browser: whoever has it acts as this rater."""
    return secrets.token_urlsafe(16)


def rater_id(key: str, study: str, secret: str) -> str:
    """Return the id of a rater: a keyed hash of the secret, the same everywhere in a study, another in the next.

    The database, exports, results and the mirror hold this id alone, so none of them can act as the rater.

    Args:
        key: the database's key, in hexadecimal digits.
        study: name of the study.
        secret: the rater's secret, which only the rater's browser keeps.

    Raises:
        InvalidRaterError: the secret is not 16 to 64 letters, digits, `-` or `_`; so an id is no secret.
    """
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise InvalidRaterError(
            "A rater's secret is 16 to 64 letters, digits, hyphens or underscores: reload the page to get a new one."
        )
    name = f"mirror\n{study}\n{secret}".encode()  # the first word keeps the ids of exports and mirrors that exist
    return _PREFIX + hmac.new(bytes.fromhex(key), name, hashlib.sha256).hexdigest()[:32]


def is_rater_id(value: str) -> bool:
    """Return whether a stored value is an id, or a secret that an earlier version stored."""
    return value.startswith(_PREFIX)


def new_rater() -> str:
    """Return a random rater id, for a rater who has no browser."""
    return _PREFIX + secrets.token_hex(16)


def check_rater(rater: str) -> None:
    """Check that a rater id is 16 to 64 letters, digits, `-`, `_` or `:`.

    Raises:
        InvalidRaterError: it is not.
    """
    if not isinstance(rater, str) or not _RATER.fullmatch(rater):
        raise InvalidRaterError(
            "A rater id is 16 to 64 letters, digits, hyphens or underscores: reload the page to get a new one."
        )


def is_ballot_id(ballot_id: Any) -> bool:
    """Return whether a value can be a ballot id; saves a query otherwise, which some databases would reject."""
    return isinstance(ballot_id, str) and 0 < len(ballot_id) <= 64 and ballot_id.isascii() and ballot_id.isprintable()


def valid_choice(choice: Any, *, allowed: tuple[Choice, ...] = tuple(Choice)) -> Choice:
    """Return the choice with this name.

    Raises:
        InvalidChoiceError: it is not allowed, or there is no such choice.
    """
    if not isinstance(choice, str) or choice not in allowed:
        plain = [name for name in allowed if name.best_and_worst is None]
        sets = ["best_1_worst_2 to best_4_worst_3"] if len(plain) < len(allowed) else []
        raise InvalidChoiceError(f"{choice!r:.40} is not an answer: choose one of {', '.join([*plain, *sets])}.")
    return Choice(choice)


def check_response_time(response_ms: Any) -> None:
    """Check that a response time is None or a whole number of milliseconds from 0 to a day.

    Raises:
        InvalidResponseTimeError: it is not.
    """
    if response_ms is None or (type(response_ms) is int and 0 <= response_ms <= DAY_MS):
        return
    raise InvalidResponseTimeError(
        f"The response time must be a whole number of milliseconds from 0 to {DAY_MS}, got {response_ms!r:.40}."
    )


def check_look(ballot: Ballot, response_ms: int | None, *, minimum_ms: int, now: datetime) -> None:
    """Check that the pictures can have been on the screen for the minimum time before the answer.

    Pictures appear some time after their ballot is issued, so the time since then is the longest look possible. The
    rater's own clock, if it measured, starts when the pictures appear.

    Args:
        ballot: the ballot.
        response_ms: from the pictures being shown, or their exposure being over, to the answer; None if not measured.
        minimum_ms: shortest look allowed; 0 for no minimum.
        now: UTC.

    Raises:
        TooSoonError: the answer came too soon.
    """
    if minimum_ms == 0:
        return
    since_issued = (now - ballot.issued_at).total_seconds() * 1000
    longest = since_issued - (ballot.exposure_ms or 0)
    set_back = since_issued < 0  # the server's clock was set back, so this time says nothing
    measured = minimum_ms if response_ms is None else response_ms
    if min(measured, minimum_ms if set_back else longest) < minimum_ms - LOOK_TOLERANCE_MS:
        raise TooSoonError(
            f"Look at the pictures for at least {minimum_ms / 1000:g} s before you answer, then answer again."
        )


def valid_reason(reason: Any) -> str:
    """Return a rater's reason without surrounding blanks, "" for None.

    Raises:
        InvalidReasonError: it is not text, longer than `MAX_REASON` characters, or contains control characters.
    """
    if reason is None:
        return ""
    if not isinstance(reason, str) or len(reason) > MAX_REASON or _UNWANTED.search(reason):
        raise InvalidReasonError(f"A reason is plain text of at most {MAX_REASON} characters: shorten it, please.")
    return reason.strip()


def same(vote: Vote, choice: Choice, reason: str, *, correct: bool) -> bool:
    """Return whether a vote already is this answer; without `correct` the reason may differ, as in a retry."""
    return vote.choice == choice and (vote.reason == reason or not correct)


def follow(record: Record, choice: Choice, reason: str, *, response_ms: int | None, correct: bool) -> Vote:
    """Return the vote that an answer adds to a ballot.

    Raises:
        UsedBallotError: the ballot has another answer, and this is no correction.
        ExpiredBallotError: the first answer comes too late.
    """
    now = datetime.now(UTC)
    if record.vote is not None and not correct:
        raise UsedBallotError("This ballot already has its vote, which stands: go on to the next pair.")
    if record.vote is None and record.ballot.expired(now):
        raise ExpiredBallotError("This pair was shown too long ago to be judged now: ask for a new one.")
    revision = 0 if record.vote is None else record.vote.revision + 1
    return Vote(
        ballot=record.ballot, choice=choice, response_ms=response_ms, cast_at=now, reason=reason, revision=revision
    )
