"""The values that a rating session exchanges with the page and the API: stages, questions, receipts, the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evaluation.qualitative.ballot import Ballot, Choice, VoteError


class InvalidLinkError(VoteError):
    """A participant's link is not as the platform gave it, or opens no session in this browser."""


class NotNowError(VoteError):
    """The study does not take this answer at this moment."""


class NotDoneError(VoteError):
    """The rater has not finished the session."""


class StageName(StrEnum):
    """The stage of a rater. At the first five the rater can do nothing."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    FULL = "full"
    WITHDRAWN = "withdrawn"
    NOT_UNDERSTOOD = "not_understood"
    CONSENT = "consent"
    QUESTIONS_BEFORE = "questions_before"
    INSTRUCTIONS = "instructions"
    COMPREHENSION = "comprehension"
    TRAINING = "training"
    BALLOTS = "ballots"
    QUESTIONS_AFTER = "questions_after"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Participant:
    """A rater who opened a study.

    Attributes:
        secret: only this rater's browser gets it, keeps it, and sends it with every call.
        rater: the id that is stored, a keyed hash of the secret.
        study: name of the study.
        link: ids in the link, by their role (`Platform.read`).
        joined_at: UTC, of the first visit; None for a visitor, of whom only ballots are stored.
        returned: the rater opened the study before.
    """

    secret: str
    rater: str
    study: str
    link: Mapping[str, str]
    joined_at: datetime | None
    returned: bool


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The stage of a rater, with what the page shows there.

    Attributes:
        name: which stage.
        index: number of ballots (training trials, tries at the comprehension check) used at this stage, 0 … `total`.
        total: number of ballots (or training trials, or tries); None for a visitor, who may go on without end.
        text: consent, instructions, or why there is nothing to do; "" with a ballot.
        ballot: the ballot, on `TRAINING` and `BALLOTS` only. It names the arms: draw its pictures, and send only what
            `question` returns.
        wrong: numbers, from 0, of the comprehension questions that the last try answered wrongly.
    """

    name: StageName
    index: int
    total: int | None
    text: str = ""
    ballot: Ballot | None = None
    wrong: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Question:
    """The parts of a ballot that a rater may see before the answer, besides the pictures.

    Attributes:
        ballot: id of the ballot.
        text: the question; for an attention check, what to answer.
        choices: the allowed answers.
        pictures: number of pictures, 1, 2 or 4.
        exposure_ms: how long each picture is shown; None for no limit.
        training: whether feedback follows.
    """

    ballot: str
    text: str
    choices: tuple[Choice, ...]
    pictures: int
    exposure_ms: int | None
    training: bool


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Confirms an answer that is on the disk.

    Attributes:
        choice: the stored answer.
        already_counted: the same answer was stored before, as after a double click or a retry; nothing was added.
        corrected: the answer replaces an earlier one.
        right: whether the answer to a training trial was right; None for other ballots.
        feedback: the sentence that follows a training trial; "" for other ballots.
        revealed: titles of the arms, left then right, if the study reveals them after each vote; else None.
    """

    choice: Choice
    already_counted: bool
    corrected: bool
    right: bool | None
    feedback: str
    revealed: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form that the rater's browser sends to the platform at the end.

    Attributes:
        address: an address of the platform, checked.
        fields: name and value of each field.
    """

    address: str
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SessionEnd:
    """The end of a session, given only if every answer is in the database.

    Attributes:
        code: completion code for the platform, or None.
        redirect: address that the rater goes back to, or None.
        form: the form that Mechanical Turk takes instead, or None.
        votes: number of stored answers.
    """

    code: str | None
    redirect: str | None
    form: Form | None
    votes: int
