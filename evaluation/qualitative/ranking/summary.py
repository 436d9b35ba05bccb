"""The analysis of a study's votes in one call: ranking, realism, agreement, sides, times, exclusions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from evaluation.qualitative.ranking import best_worst, hype, robustness
from evaluation.qualitative.ranking.agreement import Agreement, SideBias, agreement, side_bias
from evaluation.qualitative.ranking.bootstrap import RESAMPLES
from evaluation.qualitative.ranking.hype import HypeScore
from evaluation.qualitative.ranking.intervals import votes_needed
from evaluation.qualitative.ranking.items import TWO_WAY_RESAMPLES, ItemShare, TwoWay, item_shares, two_way
from evaluation.qualitative.ranking.ranking import Standing, standings, strengths
from evaluation.qualitative.ranking.raters.exclusion import RaterCheck, Thresholds, check_raters
from evaluation.qualitative.ranking.responses import PairCount, ResponseTimes, pair_table, response_times, sift
from evaluation.qualitative.ranking.robustness import Fragility
from evaluation.qualitative.ranking.tally import count
from evaluation.qualitative.ranking.tie_model import TieModel, tie_model
from evaluation.qualitative.ranking.transitivity import Transitivity, transitivity

WANTED_HALF_WIDTH = 50.0
ENOUGH_RATERS = 15  # observers that ITU-R BT.500 requires


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The analysis of the votes on pairs.

    Attributes:
        standings: the ranking with intervals, best first; one group of arms that met after another.
        groups: ids of the arms that met, directly or through others, the largest group first; scores and ranks of arms
            in different groups do not compare.
        top_set: the arms that may be the best of their group, best first; empty without votes by two effective raters.
        alone: the arm that is certainly better than every other, however often one looked at the votes; None where
            there is none, or several groups.
        votes: how many judged a pair.
        raters: how many people cast them.
        effective_raters: how many equally busy ones they are worth.
        pairs: how every two arms did against each other.
        tie_model: the same votes under Davidson's model, which has parameters for ties and sides.
        side_bias: how often the left picture won.
        dropped: how few votes, if dropped, would change the winner; None where several groups have each their own.
        turned: how few votes, if reversed, would change the winner; None likewise.
        half_width: half of the widest score interval with two ends, in points; None where there is none.
        votes_needed: how many more votes, by new raters, would narrow every such interval to `wanted_half_width`; None
            with fewer than five effective raters, too few for a prediction.
        wanted_half_width: in points.
        with_flagged: the ranking with the flagged votes counted too; None where there are none.
        transitivity: whether one order explains the votes; None where there are too few raters or arms.
        two_way: intervals with items drawn too; None where items are not shared, or too few.
        model: of the scores: of pairs, or of the best and the worst of four (`best_worst.py`).
    """

    standings: list[Standing]
    groups: list[list[str]]
    top_set: list[str]
    alone: str | None
    votes: int
    raters: int
    effective_raters: float
    pairs: list[PairCount]
    tie_model: TieModel | None
    side_bias: SideBias
    dropped: Fragility | None
    turned: Fragility | None
    half_width: float | None
    votes_needed: int | None
    wanted_half_width: float
    with_flagged: list[Standing] | None
    transitivity: Transitivity | None
    two_way: TwoWay | None
    model: Literal["bradley_terry", "best_worst"] = "bradley_terry"


@dataclass(frozen=True, kw_only=True)
class Realism:
    """The analysis of the answers 'real' and 'fake': the arms that are not real, best first.

    Attributes:
        infinite: HYPE∞, from votes without a time limit.
        timed: HYPE-time, from votes with one.
        infinite_with_flagged: HYPE∞ with the flagged votes counted too; None where there are none.
        timed_with_flagged: HYPE-time likewise.
    """

    infinite: list[HypeScore]
    timed: list[HypeScore]
    infinite_with_flagged: list[HypeScore] | None
    timed_with_flagged: list[HypeScore] | None


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A study's results.

    Attributes:
        arms: ids of the arms, in the order of the study.
        votes: how many votes count, skips and 'not sure' among them.
        raters: how many people cast them.
        choices: how often each answer was given.
        unanswered: how many of the votes judge nothing: skips, and 'not sure' about a pair.
        excluded: how many votes were left out for a flag.
        excluded_by_reason: how many votes bear each flag; those with two are under both.
        checks: votes that never count, by purpose.
        flagged_included: whether flagged votes count here.
        comparison: from votes on pairs; None without any.
        realism: from votes on single pictures; None without any.
        agreement: Krippendorff's alpha.
        rater_check: how well each rater looks, and the ranking without those who do not; None with too few raters.
        items: how each arm did on each item that several raters judged.
        response_times: of the votes that count.
        resamples: how many draws of raters the intervals rest on.
        seed: of the draws.
    """

    arms: tuple[str, ...]
    votes: int
    raters: int
    choices: dict[str, int]
    unanswered: int
    excluded: int
    excluded_by_reason: dict[str, int]
    checks: dict[str, int]
    flagged_included: bool
    comparison: Comparison | None
    realism: Realism | None
    agreement: Agreement
    rater_check: RaterCheck | None
    items: list[ItemShare]
    response_times: ResponseTimes
    resamples: int
    seed: int

    @property
    def too_few_raters(self) -> bool:
        """Whether fewer people took part than ITU-R BT.500 requires."""
        return self.raters < ENOUGH_RATERS


def summarise(
    votes: pd.DataFrame,
    study_arms: Sequence[str],
    *,
    real: Collection[str] = (),
    include_flagged: bool = False,
    thresholds: Thresholds | None = None,
    rater_check: RaterCheck | None = None,
    wanted_half_width: float = WANTED_HALF_WIDTH,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Summary:
    """Analyse a study's votes.

    Args:
        votes: one row a vote, oldest first: columns `rater`, `left`, `right` ("" where one picture was shown), `choice`
            and, where there are any, `item`, `response_ms`, `exposure_ms`, `purpose` and `flags`.
        study_arms: ids of the arms.
        real: those of them that show real pictures.
        include_flagged: count the votes that bear a flag.
        thresholds: for raters, declared by the study; `exclusion.flagged` has added their flags to `votes`.
        rater_check: of these votes and thresholds, where `check_raters` has run already.
        wanted_half_width: of a score's interval, in points, for `votes_needed`.
        resamples: how many draws of raters the intervals rest on, two or more.
        seed: of the draws; the same votes and seed give the same summary.
    """
    sifted = sift(votes, include_flagged=include_flagged)
    counted = sifted.counted
    single = _is_single(counted)
    flagged = sifted.rating if sifted.excluded else None
    choices = counted["choice"].astype(str)
    comparison = realism = None
    if not single.all():
        comparison = _compare(
            counted[~single],
            None if flagged is None else flagged[~_is_single(flagged)],
            study_arms,
            wanted=wanted_half_width,
            resamples=resamples,
            seed=seed,
        )
    of_four = "third" in counted and bool((counted["third"].fillna("") != "").any())
    if comparison is not None and of_four:
        four = best_worst.compared(
            counted, flagged, study_arms, wanted=wanted_half_width, resamples=resamples, seed=seed
        )
        comparison = replace(comparison, **four, transitivity=None, two_way=None)
    if single.any():
        infinite, timed = _rate(counted[single], study_arms, real, resamples, seed)
        again = (
            (None, None) if flagged is None else _rate(flagged[_is_single(flagged)], study_arms, real, resamples, seed)
        )
        realism = Realism(infinite=infinite, timed=timed, infinite_with_flagged=again[0], timed_with_flagged=again[1])
    return Summary(
        arms=tuple(study_arms),
        votes=len(counted),
        raters=int(counted["rater"].nunique()),
        choices={str(choice): int(often) for choice, often in choices.value_counts().items()},
        unanswered=int((choices == "skip").sum() + (choices[~single] == "not_sure").sum()),
        excluded=sifted.excluded,
        excluded_by_reason=sifted.by_reason,
        checks=sifted.checks,
        flagged_included=include_flagged,
        comparison=comparison,
        realism=realism,
        agreement=agreement(counted, resamples=resamples, seed=seed),
        rater_check=None if of_four else rater_check or check_raters(votes, study_arms, thresholds),
        items=item_shares(counted, study_arms),
        response_times=response_times(counted),
        resamples=resamples,
        seed=seed,
    )


def _compare(
    votes: pd.DataFrame,
    with_flagged: pd.DataFrame | None,
    arms: Sequence[str],
    *,
    wanted: float,
    resamples: int,
    seed: int,
) -> Comparison:
    tally = count(votes, arms=arms)
    ranking = standings(tally, resamples=resamples, seed=seed)
    bounded = [
        (arm.precise_to, (arm.high - arm.low) / 2)
        for arm in ranking
        if arm.precise_to is not None and arm.high is not None and arm.low is not None
    ]
    again = None
    if with_flagged is not None:
        again = standings(count(with_flagged, arms=arms), resamples=resamples, seed=seed)
    groups = [[tally.arms[i] for i in group] for group in tally.groups]
    return Comparison(
        standings=ranking,
        groups=groups,
        top_set=[arm.arm for arm in ranking if arm.top],
        alone=next((arm.arm for arm in ranking if arm.alone and len(groups) == 1), None),
        votes=tally.votes,
        raters=tally.raters,
        effective_raters=tally.effective_raters,
        pairs=pair_table(tally),
        tie_model=tie_model(tally, resamples=0) if tally.votes else None,
        side_bias=side_bias(tally, resamples=resamples, seed=seed),
        dropped=robustness.fewest_dropped(tally) if len(groups) == 1 else None,
        turned=robustness.fewest_turned(tally) if len(groups) == 1 else None,
        half_width=max((half for _, half in bounded), default=None),
        votes_needed=votes_needed(
            max(predicted for predicted, _ in bounded),
            wanted=wanted,
            votes=tally.votes,
            effective_raters=tally.effective_raters,
            arms=len(bounded),
        )
        if bounded
        else None,
        wanted_half_width=wanted,
        with_flagged=again,
        transitivity=transitivity(tally, resamples=resamples, seed=seed),
        two_way=two_way(votes, arms, theta=strengths(tally), resamples=min(resamples, TWO_WAY_RESAMPLES), seed=seed),
    )


def _rate(
    votes: pd.DataFrame, arms: Sequence[str], real: Collection[str], resamples: int, seed: int
) -> tuple[list[HypeScore], list[HypeScore]]:
    """Return HYPE∞ of votes without a time limit and HYPE-time of votes with one; empty lists without such votes."""
    timed = votes["exposure_ms"].notna() if "exposure_ms" in votes else pd.Series(False, index=votes.index)
    untimed_votes, timed_votes = votes[~timed], votes[timed]
    infinite: list[HypeScore] = []
    by_time: list[HypeScore] = []
    if len(untimed_votes):
        infinite = hype.hype_infinity(untimed_votes, arms=arms, real=real, resamples=resamples, seed=seed)
    if len(timed_votes):
        by_time = hype.hype_time(timed_votes, arms=arms, real=real, resamples=resamples, seed=seed)
    return infinite, by_time


def _is_single(votes: pd.DataFrame) -> pd.Series[bool]:
    """Whether each vote is on one picture alone."""
    return votes["right"].astype(object).fillna("") == ""
