"""What a planned study looks like: arms, ballots per rater, how they are drawn, and how its raters differ.

People who plan a study think in scores, percentages and points. The simulation (`ranking/simulation.py`) thinks in
natural logarithms of odds and in Davidson's ν. This module translates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log10
from typing import Literal

import numpy as np
import scipy

from evaluation.qualitative.planning import four
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, POINTS_PER_TENFOLD_ODDS
from evaluation.qualitative.ranking.simulation import Population, truth
from evaluation.qualitative.study.schema import Study

MOST_ARMS = 64  # of a study file
MOST_PER_RATER = 1_000
MOST_POINTS = 1_000.0
_MOST_APART = 10.0  # logits between the published scores of two arms: one loss in 20,000 ballots
_WIDEST = 400.0  # logits between two arms in the eyes of one rater


class PlanError(ValueError):
    """A plan that can't be computed; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class BallotDesign:
    """How ballots are drawn.

    Attributes:
        arms: how many compete.
        per_rater: ballots that each rater answers, without training and checks.
        floor: share of the ballots that the pair rule spreads evenly over all pairs; 1: pairs are drawn evenly.
        pictures: that a ballot shows: 2, or 4 of which the best and the worst are chosen.
    """

    arms: int = 2
    per_rater: int = 20
    floor: float = FLOOR
    pictures: Literal[2, 4] = 2

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            PlanError: one is outside its range.
        """
        _within("arms", self.arms, self.pictures, MOST_ARMS)
        _within("ballots per rater", self.per_rater, 1, MOST_PER_RATER)


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """How the arms and the raters are believed to differ.

    Attributes:
        difference: how far the best arm is above the others, which are equal, in points of the published score.
        spread: standard deviation of a rater's own view of an arm, in points; 100 is a typical difference of taste.
        ties: share of ties between equal arms, 0 up to (not including) 1; of four pictures there are none.
        lapses: share of the answers that are given without a look, 0 up to (not including) 1.
        strengths: θ of all arms in natural logarithms of odds, as a pilot found them, instead of `difference`.
    """

    difference: float = 70.0
    spread: float = 100.0
    ties: float = 0.2
    lapses: float = 0.02
    strengths: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            PlanError: one is outside its range.
        """
        _within("difference", self.difference, 1, MOST_POINTS, unit=" points")
        _within("spread of raters", self.spread, 0, MOST_POINTS, unit=" points")
        _within("share of ties", self.ties, 0, 0.95)
        _within("share of lapses", self.lapses, 0, 0.95)

    def population(self, arms: int, *, pictures: int = 2) -> Population:
        """Return the population to draw raters from; its first arm is the best.

        The difference is the one that the published scores of very many attentive raters would have. Raters who differ
        agree less than each with itself, so the arms lie further apart in the eyes of one rater.

        Args:
            arms: how many compete.
            pictures: that a ballot shows, which decides the model of the published scores.
        """
        published_by = four.truth if pictures == four.FOUR else truth
        plain = Population(
            strengths=(0.0,) * arms, ties=2 * self.ties / (1 - self.ties), taste=self.spread / POINTS_PER_LOGIT
        )
        if self.strengths is not None:
            shape = np.sort(np.array(self.strengths))[::-1]
            wanted = min(float(shape[0] - shape[-1]), _MOST_APART)
        else:
            shape, wanted = np.array([1.0] + [0.0] * (arms - 1)), self.difference / POINTS_PER_LOGIT
        shape = (shape - shape[-1]) / max(float(shape[0] - shape[-1]), 1e-12)

        def apart(scale: float) -> Population:
            return replace(plain, strengths=tuple(float(arm) for arm in scale * shape))

        def excess(scale: float) -> float:
            published = published_by(apart(scale))
            return float(published[0] - published[-1] - wanted)

        if wanted <= 1e-9:
            return plain
        far = wanted
        while excess(far) < 0 and far < _WIDEST:
            far *= 1.5
        return apart(scipy.optimize.brentq(excess, 0.0, far, xtol=1e-4))


def design_of(study: Study) -> BallotDesign:
    """Return the design of a study file.

    Raises:
        PlanError: its raters see single pictures, for which there is no plan.
    """
    if study.protocol == "best_worst":
        return BallotDesign(arms=len(study.competing), per_rater=study.session.ballots_per_rater, pictures=4)
    if not study.pairwise:
        raise PlanError(
            f"planning is for studies of pairs, or of four at once; {study.name} shows single pictures: for ± 5 points "
            "of HYPE∞ take about 400 answers to each arm and as many to real pictures, by 30 raters or more (Zhou et "
            "al., 2019)"
        )
    floor = FLOOR if study.session.pairs == "adaptive" else 1.0
    return BallotDesign(arms=len(study.competing), per_rater=study.session.ballots_per_rater, floor=floor)


def points_of(win_rate: float) -> float:
    """Return the difference of two scores, in points, at which one arm wins this share of its ballots, ties half.

    Raises:
        PlanError: the share is not above ½ and below 1.
    """
    if not 0.5 < win_rate < 1:
        raise PlanError("the better arm wins more than 50 % and less than 100 % of its ballots")
    return POINTS_PER_TENFOLD_ODDS * log10(win_rate / (1 - win_rate))


def _within(name: str, value: float, low: float, high: float, *, unit: str = "") -> None:
    if not low <= value <= high:
        raise PlanError(f"the {name} should be {low:g} to {high:g}{unit}, got {value:g}")
