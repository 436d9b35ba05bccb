"""People's order of a study's arms, with draws of whole raters (`ranking/bootstrap.py`); simulated until two vote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.qualitative.ranking import best_worst, bootstrap, hype, ranking
from evaluation.qualitative.ranking.intervals import Differences
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally
from evaluation.qualitative.ranking.summary import Summary
from evaluation.qualitative.ranking.tally import Tally, count, pairs_of
from evaluation.qualitative.study.schema import Study

SIMULATED_RATERS, _SIMULATED_VOTES = 20, 30


@dataclass(frozen=True, kw_only=True, eq=False)
class PeoplesView:
    """People's order of the arms, and draws of raters that show how firm it is.

    Attributes:
        scale: what the score is.
        scores: by arm, as (score, low, high).
        raters: how many people it rests on.
        apart: arms that never met the others.
        arms: those of the draws.
        draws: `(B, n)` scores; None where too few people voted.
        pairwise: the differences between all pairs of these arms; None likewise.
    """

    scale: Literal["score", "hype", "hype_time"]
    scores: Mapping[str, tuple[float, float | None, float | None]]
    raters: int
    apart: Sequence[str] = ()
    arms: Sequence[str] = ()
    draws: NDArray[np.float64] | None = None
    pairwise: Differences | None = None


def peoples_view(study: Study, votes: pd.DataFrame, summary: Summary) -> PeoplesView | None:
    """Return people's order of a study's arms; None without votes that rank them.

    Args:
        study: the study.
        votes: all its answers with their flags.
        summary: of those that count.
    """
    comparison, realism = summary.comparison, summary.realism
    draws = {"resamples": summary.resamples, "seed": summary.seed}
    counting = sift(votes, include_flagged=summary.flagged_included).counted
    if comparison is not None and comparison.groups:
        largest = comparison.groups[0]
        eyes = PeoplesView(
            scale="score",
            scores={
                arm.arm: (arm.score, arm.low, arm.high)
                for arm in comparison.standings
                if arm.score is not None and arm.arm in largest
            },
            raters=comparison.raters,
            apart=[arm for group in comparison.groups[1:] for arm in group],
        )
        if comparison.model == "best_worst":
            return _with_draws_of_sets(eyes, best_worst.count(counting, arms=summary.arms), **draws)
        tally = count(counting[counting["right"].astype(str) != ""], arms=summary.arms)
        among = tally if len(tally.groups) == 1 and len(largest) == len(tally.arms) else tally.within(tally.groups[0])
        return _with_draws(eyes, among, **draws)
    if realism is None:
        return None
    hypes = realism.infinite or realism.timed
    eyes = PeoplesView(
        scale="hype" if realism.infinite else "hype_time",
        scores={arm.arm: (arm.score, arm.low, arm.high) for arm in hypes if arm.score is not None},
        raters=max((arm.raters for arm in hypes), default=0),
    )
    real = [arm.id for arm in study.competing if arm.real]
    if not realism.infinite:
        return eyes
    untimed = counting[counting["exposure_ms"].isna()] if "exposure_ms" in counting else counting
    drawn = hype.infinity_draws(untimed, arms=summary.arms, real=real, **draws)
    if drawn is None:
        return eyes
    return replace(eyes, arms=drawn.arms, draws=drawn.draws, pairwise=drawn.pairwise)


def _with_draws(eyes: PeoplesView, tally: Tally, *, resamples: int, seed: int) -> PeoplesView:
    theta = ranking.strengths(tally)
    drawn = bootstrap.strengths(tally, theta=theta, resamples=resamples, seed=seed)
    pairwise = ranking.pairwise(tally, theta, drawn)
    return eyes if pairwise is None else replace(eyes, arms=tally.arms, draws=drawn, pairwise=pairwise)


def _with_draws_of_sets(eyes: PeoplesView, answers: best_worst.JudgedSets, *, resamples: int, seed: int) -> PeoplesView:
    theta = best_worst.fit(answers)
    drawn = best_worst.strengths(answers, theta=theta, resamples=resamples, seed=seed)
    pairwise = best_worst.pairwise(answers, theta, drawn)
    return eyes if pairwise is None else replace(eyes, arms=answers.arms, draws=drawn, pairwise=pairwise)


def chance_taste(arms: Sequence[str]) -> PeoplesView:
    """Return the view of simulated raters, whose common taste is drawn by chance: it follows no metric."""
    rng = np.random.default_rng(len(arms))
    people = draw_raters(
        Population(strengths=tuple(rng.normal(scale=0.8, size=len(arms)).tolist())), count=SIMULATED_RATERS, rng=rng
    )
    tally = replace(even_tally(people, per_rater=_SIMULATED_VOTES, rng=rng), arms=tuple(arms))
    eyes = PeoplesView(
        scale="score",
        scores={
            arm.arm: (arm.score, arm.low, arm.high)
            for arm in ranking.standings(tally)
            if arm.score is not None and arm.group == 0
        },
        raters=SIMULATED_RATERS,
    )
    return _with_draws(eyes, tally, resamples=bootstrap.RESAMPLES, seed=0)


def settled(eyes: PeoplesView, arms: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the pairs of `arms` whose order the votes settle, with the sign of the first one's lead."""
    if eyes.pairwise is None:
        return {}
    first, second = pairs_of(len(eyes.arms))
    certain = np.abs(eyes.pairwise.lead) > eyes.pairwise.critical * eyes.pairwise.deviation
    signs = np.sign(eyes.pairwise.lead)
    return {
        (eyes.arms[first[k]], eyes.arms[second[k]]): int(signs[k])
        for k in np.flatnonzero(certain)
        if eyes.arms[first[k]] in arms and eyes.arms[second[k]] in arms
    }
