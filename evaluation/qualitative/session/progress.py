"""The stage of a rater, computed from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluation.qualitative.ballot import Ballot, Purpose, Record
from evaluation.qualitative.session import questionnaire
from evaluation.qualitative.session.stages import Stage, StageName
from evaluation.qualitative.store.events import Event
from evaluation.qualitative.study.schema import Study


@dataclass(frozen=True, kw_only=True)
class Known:
    """All stored facts about a rater.

    Attributes:
        withdrawn: whether the rater withdrew.
        events: the rater's events, oldest first.
        history: the rater's ballots and answers, oldest first.
        crowded: whether the study was full before this rater came.
    """

    withdrawn: bool
    events: Sequence[Event]
    history: Sequence[Record]
    crowded: bool = False

    def did(self, kind: str) -> bool:
        """Whether there is such an event."""
        return any(event.kind == kind for event in self.events)

    def part(self, *, training: bool) -> list[Record]:
        """The records of the training, or those after it."""
        return [record for record in self.history if (record.ballot.purpose == Purpose.TRAINING) == training]

    def open(self, study: Study, *, training: bool, now: datetime) -> list[Ballot]:
        """The ballots that wait for an answer, oldest first; those with an arm that left the study can't be shown."""
        arms = {arm.id for arm in study.arms}
        waiting = [record.ballot for record in self.part(training=training) if record.vote is None]
        return [ballot for ballot in waiting if not ballot.expired(now) and arms.issuperset(ballot.arms)]

    def issued_since(self, moment: datetime) -> int:
        """How many ballots were issued after a moment."""
        return sum(record.ballot.issued_at > moment for record in self.history)


def place(study: Study, known: Known, *, ballots: int | None, now: datetime) -> Stage:
    """Return the stage of a rater, without a ballot.

    Args:
        study: the study.
        known: the stored facts about the rater.
        ballots: number of ballots after the training; None for no end.
        now: UTC.
    """
    trials = len(study.session.training)
    trained = _answered(known.part(training=True))
    rated = _answered(known.part(training=False))
    if known.withdrawn:
        return _halt(StageName.WITHDRAWN, "You have withdrawn: all your answers are deleted.")
    if ballots is not None and trained >= trials and rated >= ballots:
        if study.asked_after and not known.did(questionnaire.AFTER):
            return _halt(StageName.QUESTIONS_AFTER, "")
        return Stage(name=StageName.DONE, index=ballots, total=ballots, text="Thank you. All your answers are stored.")
    if study.opens is not None and now < study.opens:
        return _halt(StageName.NOT_OPEN, f"This study opens on {_moment(study.opens)}.")
    if study.closes is not None and now >= study.closes:
        return _halt(StageName.CLOSED, f"This study closed on {_moment(study.closes)}.")
    if known.crowded:
        return _halt(StageName.FULL, "This study has all the raters it needs. Thank you for coming.")
    if study.consent and not known.did("consented"):
        return _halt(StageName.CONSENT, study.consent)
    if study.before and not known.did(questionnaire.BEFORE):
        return _halt(StageName.QUESTIONS_BEFORE, "")
    if study.instructions and not known.did("instructed"):
        return _halt(StageName.INSTRUCTIONS, study.instructions)
    if study.comprehension and (check := questionnaire.comprehension(study, known.events)) is not None:
        return check
    if trained < trials:
        return Stage(name=StageName.TRAINING, index=trained, total=trials)
    return Stage(name=StageName.BALLOTS, index=rated, total=ballots)


def day_before(now: datetime) -> datetime:
    """Return the moment from which ballots count towards the daily limit."""
    return now - timedelta(days=1)


def _answered(records: Sequence[Record]) -> int:
    return sum(record.vote is not None for record in records)


def _halt(name: StageName, text: str) -> Stage:
    return Stage(name=name, index=0, total=None, text=text)


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %B %Y at %H:%M} {moment.tzname() or 'UTC'}"
