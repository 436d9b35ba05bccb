"""What the votes leave open: intervals of scores, the ranks that an arm may hold, and which arms may be the best.

An interval is `estimate ± t · s`, where `s` is the standard deviation over draws of whole raters (`bootstrap.py`) times
`√(G / (G-1))` for `G` raters, and `t` the quantile of Student's distribution with `G* - 1` degrees of freedom for `G*`
effective raters: `(Σ n_r)² / Σ n_r²` when rater `r` cast `n_r` votes (after Carter, Schnepel & Steigerwald, 'Asymptotic
behavior of a t-test robust to cluster heterogeneity', 2017; Cameron & Miller, 'A practitioner's guide to cluster-robust
inference', 2015). Plain percentiles of the draws are too narrow where raters are few: `benchmarks/ranking.py` shows
both against a known truth.

Ranks follow Mogstad, Romano, Shaikh & Wilhelm ('Inference for ranks', Review of Economic Studies, 2024): an arm is
below another only if their difference exceeds, in standard deviations, what the largest of all its differences exceeds
in 5 % of the draws. So the ranks given hold the true one with 95 % confidence, and the top set the truly best arm.
The top set asks about one side only and may leave out an arm whose ranks still begin with 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]

LEVEL = 0.95


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
        """Whether there are raters enough to see how they differ."""
        return self.raters >= 2 and self.effective_raters > 1

    def quantile(self, *, two_sided: bool = True) -> float:
        """Student's quantile at the confidence level."""
        chance = (1 + self.level) / 2 if two_sided else self.level
        return float(stats.t.ppf(chance, self.effective_raters - 1))

    def deviation(self, draws: Array) -> Array:
        """Standard deviation over draws `(B, …)`, corrected for the number of raters."""
        return draws.std(axis=0, ddof=1) * np.sqrt(self.raters / (self.raters - 1))

    def half_width(self, draws: Array) -> Array:
        """Half the width of the interval around an estimate whose draws `(B, …)` are given."""
        return self.quantile() * self.deviation(draws)


def rank_intervals(theta: Array, draws: Array, spread: Spread) -> NDArray[np.intp]:
    """Return the best and the worst rank that each arm may hold.

    Args:
        theta: `(n,)` strengths.
        draws: `(B, n)` strengths of the draws.
        spread: how to read them.

    Returns:
        `(n, 2)`, ranks from 1; for each arm they hold its true rank with confidence `spread.level`.
    """
    lead, excess, deviation = _differences(theta, draws, spread)
    wide = _stretch(spread, two_sided=True)
    critical = np.quantile(np.abs(excess).max(axis=2), spread.level, axis=0) * wide
    above = lead > critical[:, None] * deviation  # [i, j]: i is above j, by what i may claim
    below = -lead > critical[:, None] * deviation
    return np.stack([1 + below.sum(axis=1), len(theta) - above.sum(axis=1)], axis=1)


def top_set(theta: Array, draws: Array, spread: Spread) -> NDArray[np.bool_]:
    """Return which arms can't be told from the best; the truly best one is among them with confidence `spread.level`.

    Args:
        theta: `(n,)` strengths.
        draws: `(B, n)` strengths of the draws.
        spread: how to read them.
    """
    lead, excess, deviation = _differences(theta, draws, spread)
    wide = _stretch(spread, two_sided=False)
    critical = np.quantile((-excess).max(axis=2), spread.level, axis=0) * wide
    return ~(-lead > critical[:, None] * deviation).any(axis=1)


def votes_needed(half_width: float, *, wanted: float, votes: int) -> int:
    """Return how many more votes narrow an interval to ± `wanted`, if they come from new raters as busy as the old.

    The half-width falls as one over the square root of the number of raters. More votes of the same raters narrow it
    less: they repeat the same tastes.
    """
    return max(0, int(np.ceil(votes * ((half_width / wanted) ** 2 - 1))))


def _differences(theta: Array, draws: Array, spread: Spread) -> tuple[Array, Array, Array]:
    """Return θ_i - θ_j, what the draws exceed it by in standard deviations `(B, n, n)`, and that deviation."""
    lead = theta[:, None] - theta[None, :]
    drawn = draws[:, :, None] - draws[:, None, :]
    deviation = spread.deviation(drawn)
    with np.errstate(invalid="ignore", divide="ignore"):
        excess = np.nan_to_num((drawn - lead) / deviation, posinf=0.0, neginf=0.0)
    return lead, excess * np.sqrt(spread.raters / (spread.raters - 1)), deviation


def _stretch(spread: Spread, *, two_sided: bool) -> float:
    """How much wider Student's quantile is than the normal one, which many raters would give."""
    normal = stats.norm.ppf((1 + spread.level) / 2 if two_sided else spread.level)
    return float(spread.quantile(two_sided=two_sided) / normal)
