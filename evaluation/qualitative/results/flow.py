"""How many people reached each stage of a study, as the methods paragraph says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pandas as pd

from evaluation.qualitative.imported.mark import own
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import Summary
from evaluation.qualitative.results.asked import Asked
from evaluation.qualitative.results.words import listed, was
from evaluation.qualitative.store.declarations import Declared
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How many people reached each stage of a study; None where that is not known.

    Attributes:
        invited: people who were asked to take part; only the researcher knows, and declares it on the study's page.
        opened: people who opened the link of a session.
        began: people who opened a ballot, or more.
        declined: people who did not consent.
        dropped_out: people who began and did not finish.
        withdrew: people whose answers were deleted at their request.
        withdrew_after_close: those of them who did so after the study had closed.
        excluded: people none of whose answers count.
        freed: platform's ids that the researcher freed, because another browser had begun with them.
        freed_answers: answers that were given in those sessions before and since; they stay in the data.
        asked: who answered the questions besides the ballots.
        first: when the first vote was cast.
        last: when the last vote was cast.
    """

    invited: int | None = None
    opened: int | None = None
    began: int | None = None
    declined: int | None = None
    dropped_out: int | None = None
    withdrew: int | None = None
    withdrew_after_close: int | None = None
    excluded: int | None = None
    freed: int | None = None
    freed_answers: int | None = None
    asked: Asked = field(default_factory=Asked)
    first: datetime | None = None
    last: datetime | None = None

    def sentences(self) -> list[str]:
        """Return the stages that are known, and the days of the votes, in sentences."""
        stages = [
            (self.invited, "invited"),
            (self.opened, "opened the link"),
            (self.began, "began"),
            (self.declined, "declined"),
            (self.dropped_out, "dropped out"),
            (self.withdrew, "withdrew"),
            (self.excluded, "excluded with all their votes"),
        ]
        passive = ("invited", "excluded with all their votes")
        known = [
            f"{number:,} {f'{was(number)} ' if stage in passive else ''}{stage}"
            for number, stage in stages
            if number is not None
        ]
        unknown = "" if self.invited is not None else "; how many were invited is not known"
        sentences = [f"Of the participants, {listed(known)}{unknown}."] if known else []
        sentences += self.asked.sentences()
        if self.freed:
            sentences.append(
                f"{counted(self.freed, 'platform id')} {was(self.freed)} freed by the researchers because another "
                f"browser had begun with {'it' if self.freed == 1 else 'them'}; "
                f"{counted(self.freed_answers or 0, 'answer')} given there {was(self.freed_answers or 0)} kept."
            )
        if self.withdrew_after_close:
            answers = "their answers were deleted" if self.withdrew_after_close > 1 else "the answers were deleted"
            sentences.append(
                f"{counted(self.withdrew_after_close, 'rater')} withdrew after the study had closed; {answers}."
            )
        if self.first is not None and self.last is not None:
            first, last = f"{self.first:%Y-%m-%d}", f"{self.last:%Y-%m-%d}"
            sentences.append(
                f"Votes were cast on {first}." if first == last else f"Votes were cast from {first} to {last}."
            )
        return sentences


def flow_of(
    votes: pd.DataFrame,
    summary: Summary,
    *,
    withdrawn_at: Sequence[datetime] | None = None,
    closes: datetime | None = None,
    stages: Mapping[str, int] | None = None,
    study: Study | None = None,
    asked: Asked | None = None,
    declared: Declared | None = None,
) -> Flow:
    """Return what is stored of the flow of raters; the other stages are not known.

    Args:
        votes: all answers with their flags, as `Store.results` returns them.
        summary: of those that count.
        withdrawn_at: when raters withdrew, as `events.withdrawn_at` returns it; they count as people who began. None
            if that is not known.
        closes: when the study closes or closed; None if it stays open.
        stages: how many raters reached each stage, from `stages.stages_of`; None if that is not known.
        study: says whether there is a session with consent, and whether everybody has had the time to finish.
        asked: who answered the questions besides the ballots, from `asked_of`.
        declared: what the owner declared; None if that is not known.
    """
    withdrew = None if withdrawn_at is None else len(withdrawn_at)
    late = None if withdrawn_at is None or closes is None else sum(at >= closes for at in withdrawn_at)
    opened = declined = finished = None
    if stages is not None and study is not None and not study.casual:
        opened = stages["joined"] + (withdrew or 0)
        declined = max(0, stages["joined"] - stages["consented"]) if study.consent else None
        finished = stages["completed"] if study.state() == "closed" else None
    reached = Flow(
        invited=None if declared is None else declared.invited,
        opened=opened,
        declined=declined,
        began=withdrew or 0,
        withdrew=withdrew,
        withdrew_after_close=late,
        freed=None if declared is None else len(declared.freed),
        freed_answers=None if declared is None else int(votes["rater"].isin(list(declared.freed)).sum()),
        asked=asked or Asked(),
    )
    if votes.empty:
        return reached
    rating = sift(votes).rating
    cast = pd.to_datetime(votes["cast_at"], utc=True) if "cast_at" in votes else None
    voted = int(own(votes)["rater"].nunique())
    return replace(
        reached,
        dropped_out=None if finished is None else max(0, voted - finished),
        began=voted + (withdrew or 0),
        excluded=int(rating["rater"].nunique()) - summary.raters,
        first=None if cast is None else cast.min().to_pydatetime(),
        last=None if cast is None else cast.max().to_pydatetime(),
    )
