"""A rater's way through a study, told by stored facts alone: so a reload, or the same link on another day, goes on.

    consent -> instructions -> training -> ballots -> done

The visitor who just looks goes through the same class, and finds ballots only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from evaluation.qualitative.ballot import Ballot, Choice
from evaluation.qualitative.store import Store
from evaluation.qualitative.study import Study


class StageName(StrEnum):
    """Where a rater stands. The first four take no answer, whatever the rater does."""

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
        text: what to judge.
        choices: the answers that are allowed.
        pictures: 1 or 2.
        exposure_ms: how long each picture is shown; None for as long as the rater likes.
        training: feedback follows. Nothing tells a check from any other ballot.
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


class RatingSessions:
    """All sessions of one study. Safe to share between threads; holds nothing that a restart would lose."""

    def __init__(self, store: Store, study: Study) -> None:
        """Tie a study to the database that keeps its answers."""
        self._store = store
        self._study = study

    def join(
        self, *, rater: str | None = None, query: Mapping[str, str] | None = None, address: str | None = None
    ) -> Participant:
        """Find or make the participant of a link.

        Args:
            rater: the id that the page kept, if any; a malformed one is replaced, not refused.
            query: the link's parameters; `PROLIFIC_PID` decides who it is, whatever `rater` says.
            address: the caller's network address; kept only as a salted hash (see `integrity`).

        Raises:
            InvalidLinkError: a parameter is longer than 100 characters or not printable ASCII.
            StoreUnavailableError: the database does not answer.
        """
        raise NotImplementedError

    def stage(self, rater: str, *, address: str | None = None) -> Stage:
        """Return what is to be shown now; the ballot left unanswered comes again, else one is issued.

        Raises:
            InvalidRaterError: the rater id is malformed, or no participant of this study has it.
            TooManyBallotsError: the rater or the address is over its limit.
            StoreUnavailableError: the database does not answer.
        """
        raise NotImplementedError

    def question(self, ballot: Ballot) -> Question:
        """Return what a rater may see of a ballot."""
        raise NotImplementedError

    def consent(self, rater: str) -> Stage:
        """Record that the rater agreed to take part, and return the next stage. Again does no harm."""
        raise NotImplementedError

    def instructed(self, rater: str) -> Stage:
        """Record that the rater read the instructions, and return the next stage. Again does no harm."""
        raise NotImplementedError

    def answer(
        self,
        ballot_id: str,
        *,
        rater: str,
        choice: str,
        response_ms: int | None = None,
        reason: str | None = None,
        correct: bool = False,
    ) -> Answer:
        """Count an answer, once. When this returns, it is on the disk.

        Args:
            ballot_id: from `Question.ballot`.
            rater: who answers.
            choice: one of `Question.choices`.
            response_ms: from both pictures being shown to the answer, 0 … one day; None where not measured.
            reason: why, in the rater's words, at most 500 characters.
            correct: replace the answer that was given before, where the study permits it.

        Raises:
            VoteError: one of its subclasses says what was wrong; nothing was stored.
            StoreUnavailableError: the database did not answer; answering again is safe.
        """
        raise NotImplementedError

    def withdraw(self, rater: str) -> int:
        """Delete all that is kept of a rater, and return how many answers that were. It can't be undone."""
        raise NotImplementedError

    def completion(self, rater: str) -> Completion:
        """Return the completion code or redirect, after counting the answers in the database.

        Raises:
            NotDoneError: the rater has not come to the end.
        """
        raise NotImplementedError
