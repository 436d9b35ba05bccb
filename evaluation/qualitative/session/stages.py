"""The values that a rating session exchanges with the page and the API: stages, questions, receipts, the end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evaluation.qualitative.ballot import Ballot, Choice, VoteError
from evaluation.qualitative.study.session_rules import PLACEHOLDERS

PROLIFIC = PLACEHOLDERS[:3]

_PARAMETER = re.compile(r"[\x21-\x7e]{1,100}")
_UNFILLED = re.compile(r"|\{.*\}|\$\{.*\}|\[.*\]|<.*>|%.*%|undefined|null|none|nan", re.IGNORECASE)


class InvalidLinkError(VoteError):
    """A parameter of the participant's link does not look like an id of a platform."""


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
        rater: opaque id; the page keeps it and sends it with every call.
        study: name of the study.
        prolific: the parameters of the link that are present: `PROLIFIC_PID`, `STUDY_ID`, `SESSION_ID`.
        joined_at: UTC, of the first visit; None for a visitor, of whom only ballots are stored.
        returned: the rater opened the study before.
    """

    rater: str
    study: str
    prolific: Mapping[str, str]
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
        rater: id of the rater who may answer it.
        text: the question; for an attention check, what to answer.
        choices: the allowed answers.
        pictures: number of pictures, 1 or 2.
        exposure_ms: how long each picture is shown; None for no limit.
        training: whether feedback follows.
    """

    ballot: str
    rater: str
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
class SessionEnd:
    """The end of a session, given only if every answer is in the database.

    Attributes:
        code: completion code for the platform, or None.
        redirect: address that the rater goes back to, or None.
        votes: number of stored answers.
    """

    code: str | None
    redirect: str | None
    votes: int


def platform_parameters(query: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that a platform put into a participant's link.

    A placeholder that the platform did not fill in is the same for everybody, so all its raters would be one.

    Raises:
        InvalidLinkError: a parameter is such a placeholder, longer than 100 characters, or not printable ASCII without
            spaces.
    """
    link = {name: query[name] for name in PROLIFIC if name in query}
    for name, value in link.items():
        if value is None or (isinstance(value, str) and _UNFILLED.fullmatch(value.strip())):
            raise InvalidLinkError(
                f"The platform has not filled in {name} in this link: its researcher must write the placeholder as the "
                "platform spells it."
            )
        if not isinstance(value, str) or not _PARAMETER.fullmatch(value):
            raise InvalidLinkError(f"{name} in your link is not an id of the platform: open the link as you got it.")
    return link
