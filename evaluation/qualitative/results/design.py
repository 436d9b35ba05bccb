"""How a study was set up, as the methods paragraph says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from evaluation.qualitative.imported.mark import own
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import PRELIMINARY_BELOW
from evaluation.qualitative.ranking.summary import ENOUGH_RATERS
from evaluation.qualitative.store.flags import LIMITS
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.wording import counted

_EXCLUSION = "by the rules of the software, which are the same for every study and were fixed before the first vote"
THRESHOLDS = {  # of the flags, in words
    "too_fast": f"under {LIMITS.fast_ms} ms",
    "failed_checks": f"{LIMITS.failed_checks} failed checks, or the only one",
    "duplicate_participant": "more than one submission of the platform",
}


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a study was set up, as far as a reader of the paper has to know.

    Attributes:
        question: what raters were asked.
        adaptive: whether the pairs depend on the votes so far; False: all pairs are equally likely. None for studies of
            single pictures.
        floor: share of the ballots that an adaptive study spreads evenly over all pairs.
        counterbalanced: whether each arm is as often on the left as on the right for every rater; None where one
            picture was shown.
        paired: whether all pictures of a ballot come from the same seed or photo; None where one picture was shown.
        minimum_look_ms: how long the pictures were on the screen before an answer was taken.
        preliminary_below: votes per arm under which its place is preliminary.
        minimum_raters: raters under which the results are preliminary.
        version: of the software.
        stop_early: whether the study file lets the study end as soon as one arm stands alone.
        exclusion: by which rule votes were excluded, and when it was declared.
        thresholds: of the exclusion rules, by name.
        declared: whether the study file was the same for all votes, its exclusion rules among it; None if not known.
        titles: of the arms, by id.
        four: whether each question showed four pictures.
    """

    question: str | None = None
    adaptive: bool | None = None
    floor: float = FLOOR
    counterbalanced: bool | None = None
    paired: bool | None = None
    minimum_look_ms: int | None = None
    preliminary_below: int = PRELIMINARY_BELOW
    minimum_raters: int = ENOUGH_RATERS
    version: str | None = None
    stop_early: bool = False
    exclusion: str = _EXCLUSION
    thresholds: Mapping[str, str] = field(default_factory=dict)
    declared: bool | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    four: bool = False

    def title(self, arm: str) -> str:
        """Return the title of an arm; its id where the title is not known."""
        return self.titles.get(arm, arm)

    def sentences(self) -> list[str]:
        """Return the set-up in sentences."""
        sentences = []
        if self.adaptive:
            sentences.append(
                "Pairs were drawn adaptively: most often the two arms that may be best (top-two sampling; Russo, "
                f"2020), with {100 * self.floor:.0f} % of the ballots spread evenly over all pairs."
            )
        elif self.adaptive is not None:
            sentences.append("All pairs were equally likely.")
        if self.four:
            sentences.append(
                "The four pictures of a question came from the arms that the rater had seen least, chance deciding "
                "between equals, and lay in random places."
            )
        if self.counterbalanced is not None:
            sentences.append(
                "Sides were counterbalanced for each rater." if self.counterbalanced else "Sides were drawn at random."
            )
        if self.paired is not None:
            together, apart = "Both pictures of a pair", "The two pictures of a pair"
            if self.four:
                together, apart = "All four", "The four"
            sentences.append(
                f"{together} came from the same seed or photo."
                if self.paired
                else f"{apart} came from different seeds."
            )
        if self.minimum_look_ms:
            sentences.append(f"An answer was taken after a look of {self.minimum_look_ms:,} ms or more.")
        if self.stop_early:
            sentences.append(
                "The study file lets the study end when one arm stands alone, from "
                f"{counted(self.minimum_raters, 'rater')} on; that claim holds at every moment, "
                "so an early end does not make it too often."
            )
        if self.version:
            sentences.append(f"The software was Just Look {self.version}.")
        return sentences


def design_of(
    study: Study,
    *,
    version: str | None = None,
    thresholds: Mapping[str, str] | None = None,
    votes: pd.DataFrame | None = None,
    digest: str | None = None,
) -> Design:
    """Return the design that a study file describes.

    Args:
        study: the study.
        version: of the software.
        thresholds: of the exclusion rules, by name; by default those of the software.
        votes: all answers, whose `study_digest` says whether the study file was the same for all.
        digest: of the study as it is now (`ballot_sampling.digest`).
    """
    digests = set() if votes is None or "study_digest" not in votes else set(own(votes)["study_digest"])
    minimum = study.minimum_raters if "minimum_raters" in study.model_fields_set else ENOUGH_RATERS
    return Design(
        question=study.question,
        adaptive=study.session.pairs == "adaptive" if study.pairwise else None,
        stop_early=study.stop_early,
        counterbalanced=study.session.counterbalance if study.pairwise else None,
        paired=None if study.judges_one else study.items.paired or study.items.kind != "seeds",
        minimum_look_ms=study.session.minimum_look_ms,
        preliminary_below=study.preliminary_below,
        minimum_raters=minimum,
        version=version,
        thresholds=THRESHOLDS if thresholds is None else thresholds,
        declared=digests == {digest} if digests and digest is not None else None,
        titles={arm.id: arm.title for arm in study.arms},
        four=study.protocol == "best_worst",
    )
