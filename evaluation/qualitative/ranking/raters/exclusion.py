"""Exclusion of raters by thresholds for the rater model, which a study declares before its first vote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.qualitative.ranking.ranking import Standing, standings
from evaluation.qualitative.ranking.raters.rater_model import RaterFit, RaterModel, rater_model
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.tally import count

LOW_SKILL, ONE_SIDED, LAPSES = "low_skill", "one_sided", "lapses"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """How raters have to look for their votes to count; None sets no threshold.

    Attributes:
        least_skill: see `RaterFit.skill`.
        most_lean: how likely one certain side is chosen, ½ … 1.
        most_lapses: share of answers without a look, 0 … 1.
    """

    least_skill: float | None = None
    most_lean: float | None = None
    most_lapses: float | None = None

    def beyond(self, rater: RaterFit) -> list[str]:
        """Return the flags of a rater: `low_skill`, `one_sided`, `lapses`."""
        flags = []
        if self.least_skill is not None and rater.skill < self.least_skill:
            flags.append(LOW_SKILL)
        if self.most_lean is not None and max(rater.lean, 1 - rater.lean) > self.most_lean:
            flags.append(ONE_SIDED)
        if self.most_lapses is not None and rater.lapses > self.most_lapses:
            flags.append(LAPSES)
        return flags


SUGGESTED = Thresholds(least_skill=0.0, most_lean=0.95, most_lapses=0.5)


@dataclass(frozen=True, kw_only=True)
class RaterCheck:
    """The raters of a study under the rater model, and what the ranking owes to those beyond a threshold.

    Attributes:
        model: of all raters whom no other rule excludes.
        thresholds: of the study, or `SUGGESTED` where it declares none.
        declared: whether the study declares them, so that they exclude.
        beyond: flags of the raters beyond a threshold.
        without: the ranking without these raters, scores alone; None where there are none, or no pairs.
    """

    model: RaterModel
    thresholds: Thresholds
    declared: bool
    beyond: dict[str, list[str]]
    without: list[Standing] | None


def check_raters(votes: pd.DataFrame, arms: Sequence[str], thresholds: Thresholds | None) -> RaterCheck | None:
    """Fit the rater model to the votes that no other rule excludes, and compare the raters with the thresholds.

    Args:
        votes: one row a vote, as for `summarise`.
        arms: ids of the arms.
        thresholds: of the study; None if it declares none.

    Returns:
        None with fewer than three raters.
    """
    counted = sift(votes.assign(flags=_other_flags(votes))).counted
    model = rater_model(counted, arms) if len(counted) else None
    if model is None:
        return None
    applied = thresholds or SUGGESTED
    beyond = {rater.rater: flags for rater in model.raters if (flags := applied.beyond(rater))}
    without = None
    if beyond and not (counted["right"].astype(object).fillna("") == "").all():
        kept = counted[~counted["rater"].astype(str).isin(list(beyond))]
        without = standings(count(kept, arms=arms), resamples=0)
    return RaterCheck(model=model, thresholds=applied, declared=thresholds is not None, beyond=beyond, without=without)


def flagged(votes: pd.DataFrame, check: RaterCheck | None) -> pd.DataFrame:
    """Return the votes with the flags of raters beyond a declared threshold added to the column `flags`.

    Args:
        votes: one row a vote, as for `summarise`.
        check: of these votes, from `check_raters`; without declared thresholds it flags nobody.
    """
    if check is None or not check.declared or not check.beyond:
        return votes
    flags = [
        ",".join(sorted({flag for flag in known.split(",") if flag} | set(check.beyond.get(str(rater), []))))
        for known, rater in zip(_other_flags(votes), votes["rater"], strict=True)
    ]
    return votes.assign(flags=flags)


def _other_flags(votes: pd.DataFrame) -> pd.Series[str]:
    """Return the flags of the votes without those of this module."""
    present = votes["flags"].fillna("").astype(str) if "flags" in votes else pd.Series("", index=votes.index)
    own = {LOW_SKILL, ONE_SIDED, LAPSES}
    return present.map(lambda flags: ",".join(flag for flag in flags.split(",") if flag and flag not in own))
