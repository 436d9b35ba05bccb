"""Where a rater stands in a study, told from what is stored and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from evaluation.qualitative.ballot import Ballot, Purpose, Record
from evaluation.qualitative.session.stages import Stage, StageName
from evaluation.qualitative.store.events import Event
from evaluation.qualitative.study.schema import Study


@dataclass(frozen=True, kw_only=True)
class Known:
    """All stored facts about a rater.

    Attributes:
        withdrawn: took everything back.
        events: what the rater did.
        history: the ballots and answers.
        crowded: the study had all its raters before this one came.
    """

    withdrawn: bool
    events: Sequence[Event]
    history: Sequence[Record]
    crowded: bool = False

    def did(self, kind: str) -> bool:
        """Whether there is such an event."""
        return any(event.kind == kind for event in self.events)

    def part(self, *, training: bool) -> list[Record]:
        """The ballots of the training, or those after it."""
        return [one for one in self.history if (one.ballot.purpose == Purpose.TRAINING) == training]

    def open(self, study: Study, *, training: bool, now: datetime) -> list[Ballot]:
        """The ballots of a part that wait for an answer, oldest first; an arm that the study lost can't be shown."""
        arms = {arm.id for arm in study.arms}
        return [
            one.ballot
            for one in self.part(training=training)
            if one.vote is None and not one.ballot.expired(now) and arms.issuperset(one.ballot.arms)
        ]

    def issued_since(self, moment: datetime) -> int:
        """How many ballots were given out since."""
        return sum(one.ballot.issued_at > moment for one in self.history)


def place(study: Study, known: Known, *, ballots: int | None, now: datetime) -> Stage:
    """Return the stage at which a rater stands, without a ballot.

    Args:
        study: its rules.
        known: what is stored of the rater.
        ballots: how many there are after the training; None for ever more.
        now: UTC.
    """
    trials = len(study.session.training)
    trained = _answered(known.part(training=True))
    rated = _answered(known.part(training=False))
    if known.withdrawn:
        return _halt(StageName.WITHDRAWN, "You have withdrawn: everything that was kept of you is deleted.")
    if ballots is not None and trained >= trials and rated >= ballots:
        return Stage(name=StageName.DONE, index=ballots, total=ballots, text="Thank you. All your answers are stored.")
    if study.opens is not None and now < study.opens:
        return _halt(StageName.NOT_OPEN, f"This study opens on {_moment(study.opens)}.")
    if study.closes is not None and now >= study.closes:
        return _halt(StageName.CLOSED, f"This study closed on {_moment(study.closes)}.")
    if known.crowded:
        return _halt(StageName.FULL, "This study has all the raters it needs. Thank you for coming.")
    if study.consent and not known.did("consented"):
        return _halt(StageName.CONSENT, study.consent)
    if study.instructions and not known.did("instructed"):
        return _halt(StageName.INSTRUCTIONS, study.instructions)
    if trained < trials:
        return Stage(name=StageName.TRAINING, index=trained, total=trials)
    return Stage(name=StageName.BALLOTS, index=rated, total=ballots)


def day_before(now: datetime) -> datetime:
    """Since when ballots count towards a day's limit."""
    return now - timedelta(days=1)


def _answered(records: Sequence[Record]) -> int:
    return sum(one.vote is not None for one in records)


def _halt(name: StageName, text: str) -> Stage:
    return Stage(name=name, index=0, total=None, text=text)


def _moment(moment: datetime) -> str:
    return f"{moment:%-d %B %Y at %H:%M} {moment.tzname() or 'UTC'}"
