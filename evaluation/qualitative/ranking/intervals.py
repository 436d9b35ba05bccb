"""Inference from draws of raters: Student's spread, ranks that hold at once, a winner that survives repeated looks.

A standard deviation `s` over draws of whole raters (`bootstrap.py`) is multiplied by `√(G / (G-1))` for `G` raters, and
compared with Student's distribution with `G* - 1` degrees of freedom for `G*` effective raters: `(Σ n_r)² / Σ n_r²`
when rater `r` cast `n_r` votes (after Carter, Schnepel & Steigerwald, 'Asymptotic behavior of a t-test robust to
cluster heterogeneity', 2017; Cameron & Miller, 'A practitioner's guide to cluster-robust inference', 2015). Fewer than
two effective raters do not show how raters differ, so there is no interval. Plain percentiles of the draws are too
narrow where raters are few; `benchmarks/ranking.py` compares both with a known truth.

Ranks follow Mogstad, Romano, Shaikh & Wilhelm ('Inference for ranks', Review of Economic Studies, 2024), two-sided and
for all arms at once: one arm is below another only if their difference exceeds, in standard deviations, what the
largest of all differences exceeds in 5 % of the draws. Where votes agree, draws do not vary: the standard deviation of
a difference is at least the one that the likelihood ratio implies (`least_deviations`). The arms that may hold rank 1
are the top set.

That is right for one look at a finished study. A page is looked at while votes come in, and by luck an equal arm leads
clearly at some moment. So an arm stands alone only beyond the boundary of a confidence sequence, the normal mixture
`√((1 + 1/(Gρ²)) log((Gρ² + 1)/α²))` of Robbins (1970; Waudby-Smith et al., 'Time-uniform central limit theory', Annals
of Statistics, 2024), which a true difference of zero crosses at any time in 5 % of studies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from evaluation.qualitative.ranking.tally import pairs_of

Array = NDArray[np.float64]

LEVEL = 0.95
FEWEST_TO_PREDICT = 5  # effective raters; with fewer, a prediction is off by more than half
_SHRUNKEN = 0.75  # how much of an arm's own spread its design effect keeps (`score_intervals.py`), about
_MIXTURE = 0.5  # ρ²: the boundary is tightest at ten to twenty raters
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How draws of raters become intervals.

    Attributes:
        raters: how many were drawn, `G`.
        effective_raters: how many equally busy ones they are worth, `G*`.
        level: confidence, 0 … 1.
    """

    raters: int
    effective_raters: float
    level: float = LEVEL

    @property
    def known(self) -> bool:
        """Whether there are enough raters to see how they differ."""
        return self.raters >= 2 and self.effective_raters >= 2 - _ROUNDING

    def quantile(self) -> float:
        """Return Student's two-sided quantile at the confidence level."""
        return float(scipy.stats.t.ppf((1 + self.level) / 2, self.effective_raters - 1))

    def deviation(self, draws: Array) -> Array:
        """Return the standard deviation over draws `(B, …)`, corrected for the number of raters."""
        return draws.std(axis=0, ddof=1) * np.sqrt(self.raters / (self.raters - 1))

    def half_width(self, draws: Array) -> Array:
        """Return half the width of the interval `estimate ± t · s` from draws `(B, …)` of the estimate."""
        return self.quantile() * self.deviation(draws)


@dataclass(frozen=True, kw_only=True, eq=False)
class Differences:
    """The differences between the strengths of all pairs of arms, from draws of raters.

    Attributes:
        arms: how many there are, `n`.
        lead: `(pairs,)` of `pairs_of(n)`, strength of the first arm less that of the second.
        deviation: `(pairs,)`, standard deviation of `lead`.
        critical: how many standard deviations the largest of all differences exceeds by chance in 1 - `level`.
        spread: how to read the draws.
    """

    arms: int
    lead: Array
    deviation: Array
    critical: float
    spread: Spread


def differences(theta: Array, draws: Array, spread: Spread, *, least: Array | float = 0.0) -> Differences:
    """Compare all pairs of arms.

    Args:
        theta: `(n,)` strengths.
        draws: `(B, n)` strengths of the draws.
        spread: how to read them.
        least: `(pairs,)`, standard deviations that the differences have at least, see `least_deviations`.
    """
    first, second = pairs_of(len(theta))
    lead, drawn = theta[first] - theta[second], draws[:, first] - draws[:, second]
    deviation = np.maximum(spread.deviation(drawn), least) + _ROUNDING
    excess = (drawn - lead) / deviation
    excess *= np.sqrt(spread.raters / (spread.raters - 1))
    largest = float(np.quantile(np.abs(excess).max(axis=1), spread.level))
    normal = scipy.stats.norm.ppf((1 + spread.level) / 2)
    critical = max(largest, normal) * spread.quantile() / normal
    return Differences(
        arms=len(theta),
        lead=lead,
        deviation=deviation,
        critical=float(critical),
        spread=spread,
    )


def least_deviations(covariance: Array, covariance_halfway: Array, *, design_effect: float) -> Array:
    """Return the standard deviation `(pairs,)` of the difference of each pair if the likelihood ratio is to be trusted.

    Where votes agree, a draw of raters changes nothing, and the curvature at the estimate is nearly flat. The
    likelihood ratio between the estimate and equal arms suffers from neither. Along the line to equality it is
    `lead² · 2 ∫ s I(s) ds` with the information `I` at `s` times the strengths; Simpson's rule needs `I(½)` and `I(1)`.

    Args:
        covariance: `(n, n)` of the strengths for independent votes, the inverse of the information.
        covariance_halfway: the same at half of the strengths.
        design_effect: how much larger the variance over raters is; at least 1 is counted.
    """
    first, second = pairs_of(len(covariance))
    full, half = (
        1 / np.maximum(c[first, first] + c[second, second] - 2 * c[first, second], _ROUNDING)
        for c in (covariance, covariance_halfway)
    )
    return np.asarray(np.sqrt(max(1.0, design_effect) / ((2 * half + full) / 3)))


def rank_intervals(pairwise: Differences) -> NDArray[np.intp]:
    """Return the best and the worst rank that each arm may hold.

    Returns:
        `(n, 2)`, ranks from 1; all of them together hold the true ranks with the confidence of the spread.
    """
    first, second = pairs_of(pairwise.arms)
    clear = np.abs(pairwise.lead) > pairwise.critical * pairwise.deviation
    ahead = np.where(pairwise.lead > 0, first, second)[clear]
    behind = np.where(pairwise.lead > 0, second, first)[clear]
    best = 1 + np.bincount(behind, minlength=pairwise.arms)
    worst = pairwise.arms - np.bincount(ahead, minlength=pairwise.arms)
    return np.stack([best, worst], axis=1)


def sole_best(pairwise: Differences) -> int | None:
    """Return the arm that is better than every other, or None where no arm certainly is.

    The chance to name an arm that is not the only best one, at any time while votes come in, is at most 1 - the level
    of the spread.
    """
    first, second = pairs_of(pairwise.arms)
    several = pairwise.critical / pairwise.spread.quantile()  # 1 for two arms, more for more comparisons
    mixed = _MIXTURE * pairwise.spread.effective_raters
    boundary = np.sqrt((1 + 1 / mixed) * np.log((mixed + 1) / (1 - pairwise.spread.level) ** 2))
    beyond = scipy.stats.norm.sf(boundary * several)
    clear = scipy.stats.t.sf(np.abs(pairwise.lead) / pairwise.deviation, pairwise.spread.effective_raters - 1) < beyond
    beaten = np.bincount(np.where(pairwise.lead > 0, first, second)[clear], minlength=pairwise.arms)
    best = int(beaten.argmax())
    return best if beaten[best] == pairwise.arms - 1 else None


def votes_needed(half_width: float, *, wanted: float, votes: int, effective_raters: float, arms: int = 1) -> int | None:
    """Predict how many more votes narrow all intervals to ± `wanted`, if new raters vote as often as those so far.

    With `k` times the raters the standard deviation falls to `1 / √k`, and Student's quantile falls too. More votes of
    the same raters narrow the interval less: they repeat the same tastes.

    Args:
        half_width: of the widest interval, in points, from the average spread of all arms.
        wanted: in points.
        votes: so far.
        effective_raters: so far.
        arms: with intervals; the widest of so many estimated intervals is wider than the average spread says.

    Returns:
        The number of votes; None with fewer than five effective raters, too few for a prediction.
    """
    if effective_raters < FEWEST_TO_PREDICT - _ROUNDING or not np.isfinite(half_width):
        return None
    chance = (1 + LEVEL) / 2
    largest = max(0.0, float(scipy.stats.norm.ppf((arms - 0.375) / (arms + 0.25))))  # of normal numbers (Blom, 1958)

    def excess(times: float) -> float:
        freedom = times * effective_raters - 1
        quantiles = scipy.stats.t.ppf(chance, freedom) / scipy.stats.t.ppf(chance, effective_raters - 1)
        widest = 1 + _SHRUNKEN * largest / np.sqrt(2 * freedom)
        return float(half_width * widest * quantiles / np.sqrt(times) - wanted)

    if excess(1.0) <= 0:
        return 0
    times = scipy.optimize.brentq(excess, 1.0, 4 * (half_width / wanted) ** 2 + 4)
    return int(np.ceil(votes * (times - 1)))
