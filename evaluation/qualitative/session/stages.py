"""What a rating session shows and answers: the words that pages and the API share with `session`."""

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


class InvalidLinkError(VoteError):
    """A parameter of the participant's link is not of the form that a platform gives."""


class NotNowError(VoteError):
    """The study, or the rater's place in it, takes no such answer now."""


class NotDoneError(VoteError):
    """The session has not come to its end."""


class StageName(StrEnum):
    """Where a rater stands. At the first four there is nothing to do, whatever the rater does."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    FULL = "full"
    WITHDRAWN = "withdrawn"
    CONSENT = "consent"
    INSTRUCTIONS = "instructions"
    TRAINING = "training"
    BALLOTS = "ballots"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Participant:
    """Who takes part.

    Attributes:
        rater: opaque id; a page keeps it and hands it back with every call.
        study: name of the study.
        prolific: what came with the link: `PROLIFIC_PID`, `STUDY_ID`, `SESSION_ID`, as far as it was there.
        joined_at: UTC, of the first time; None for a visitor, who leaves nothing but ballots.
        returned: this link was opened before.
    """

    rater: str
    study: str
    prolific: Mapping[str, str]
    joined_at: datetime | None
    returned: bool


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What the page has to show now.

    Attributes:
        name: which stage.
        index: ballots (or training trials) answered at this stage, 0 … `total`.
        total: how many there are; None where the visitor may go on for ever.
        text: consent, instructions, or why there is nothing to do; "" with a ballot.
        ballot: the question, on `TRAINING` and `BALLOTS` only. It names the arms: draw its pictures, and hand on
            nothing of it but what `question` returns.
    """

    name: StageName
    index: int
    total: int | None
    text: str = ""
    ballot: Ballot | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """What of a ballot a rater may see before the answer, besides the pictures.

    Attributes:
        ballot: id to answer with, once.
        rater: whom it was issued to.
        text: what to judge; of an attention check, what to answer.
        choices: the answers that are allowed.
        pictures: 1 or 2.
        exposure_ms: how long each picture is shown; None for as long as the rater likes.
        training: feedback follows.
    """

    ballot: str
    rater: str
    text: str
    choices: tuple[Choice, ...]
    pictures: int
    exposure_ms: int | None
    training: bool


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of an answer. It is on the disk.

    Attributes:
        choice: as recorded.
        already_counted: the same answer was there before, as after a double click or a retry: nothing was added.
        corrected: it replaces an earlier answer.
        right: on training trials whether it was the expected answer, else None.
        feedback: a sentence for training trials, else "".
        revealed: titles of the arms, left then right, where the study tells them after each vote; else None.
    """

    choice: Choice
    already_counted: bool
    corrected: bool
    right: bool | None
    feedback: str
    revealed: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Completion:
    """The end of a session: given only when every answer was found in the database.

    Attributes:
        code: to type in at the platform, or None.
        redirect: address to go on to, or None.
        votes: how many answers were found.
    """

    code: str | None
    redirect: str | None
    votes: int


def platform_parameters(query: Mapping[str, str]) -> dict[str, str]:
    """Return what a platform put into a participant's link, as far as it is there.

    Raises:
        InvalidLinkError: a parameter is longer than 100 characters, or not printable ASCII without spaces.
    """
    link = {name: query[name] for name in PROLIFIC if query.get(name)}
    for name, value in link.items():
        if not isinstance(value, str) or not _PARAMETER.fullmatch(value):
            raise InvalidLinkError(f"{name} in your link is not an id of the platform: open the link as you got it.")
    return link
