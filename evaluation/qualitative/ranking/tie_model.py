"""A model of ties and sides: Davidson (JASA, 1970) with a side term (Davidson & Beaver, Biometrics, 1977).

With arm `i` on the left, arm `j` on the right and `d = θ_i - θ_j + δ`, the odds of left, tie and right are `exp(d/2)`,
`ν` and `exp(-d/2)`. `δ` is how much raters lean to the left picture, `ν` how readily they call a tie; Bradley-Terry,
which counts a tie as half a win for each, has neither. The fit maximises the log-likelihood plus the sum of
`log σ(x) + log σ(-x)` over each θ, δ and log ν: the prior of `ranking.py`, which keeps all of them finite. The sum is
strictly concave; Newton's method finds its maximum, for many tables of counts at once.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evaluation.qualitative.ranking.bootstrap import RESAMPLES, resampled
from evaluation.qualitative.ranking.intervals import Spread
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, Tally

Array = NDArray[np.float64]

_TOLERANCE = 1e-8
_LONGEST_STEP = 2.0
_MOST_STEPS = 200


@dataclass(frozen=True, kw_only=True)
class TieModel:
    """Davidson's model of a study's votes.

    Attributes:
        strengths: θ by arm, natural logarithms of odds; 0 is the imagined opponent of the prior.
        half_widths: of the strengths' 95 % intervals, by arm; None without draws or under two effective raters.
        tie_chance: how likely equal arms are called a tie, `ν / (2 + ν)`.
        left_chance: how likely the left of two equal arms wins if one of them does; ½ where the side does not matter.
        left_interval: 95 % interval of `left_chance`; None likewise.
    """

    strengths: dict[str, float]
    half_widths: dict[str, float] | None
    tie_chance: float
    left_chance: float
    left_interval: tuple[float, float] | None


def tie_model(tally: Tally, *, resamples: int = RESAMPLES, seed: int = 0) -> TieModel:
    """Fit Davidson's model with a side term, and draw raters again for its intervals.

    Args:
        tally: the votes.
        resamples: how many draws of raters; without any there are no intervals.
        seed: of the draws.
    """
    n = len(tally.arms)
    estimate = fit(tally.total[None], n=n)[0]
    spread = Spread(raters=tally.raters, effective_raters=tally.effective_raters)
    half_widths = left_interval = None
    if resamples and spread.known:
        draws = np.concatenate(
            [
                fit(counts.reshape(-1, n, n, 3), n=n, start=estimate)
                for counts in resampled(tally.by_rater, resamples=resamples, seed=seed)
            ]
        )
        half = spread.half_width(draws)
        half_widths = {arm: float(width) for arm, width in zip(tally.arms, half, strict=False)}
        low, high = expit(estimate[n] - half[n]), expit(estimate[n] + half[n])
        left_interval = (float(low), float(high))
    return TieModel(
        strengths={arm: float(theta) for arm, theta in zip(tally.arms, estimate, strict=False)},
        half_widths=half_widths,
        tie_chance=float(np.exp(estimate[n + 1]) / (2 + np.exp(estimate[n + 1]))),
        left_chance=float(expit(estimate[n])),
        left_interval=left_interval,
    )


def fit(counts: Array, *, n: int, start: Array | None = None, prior: float = 1.0) -> Array:
    """Fit the model to tables of counts.

    Args:
        counts: `(B, n, n, 3)`, as `Tally.total`.
        n: number of arms.
        start: `(n + 2,)`, a guess; zeros by default.
        prior: weight of the prior; with 0 the strengths are only known up to a constant and all may be infinite.

    Returns:
        `(B, n + 2)`: θ of each arm, δ, log ν.
    """
    lead_design, squares = _design(n)
    off_diagonal = ~np.eye(n, dtype=bool)
    answers = counts[:, off_diagonal, :]  # (B, n·(n-1), 3)
    judged = answers.sum(axis=-1)
    margin, ties = (answers[..., LEFT] - answers[..., RIGHT]) / 2, answers[..., TIE].sum(axis=1)
    theta = np.array(np.broadcast_to(np.zeros(n + 2) if start is None else start, (len(counts), n + 2)))
    for _ in range(_MOST_STEPS):
        lead, nu = theta[:, :-1] @ lead_design.T, np.exp(theta[:, -1:])
        up, down = np.exp(lead / 2), np.exp(-lead / 2)
        total = up + down + nu
        mean, tie = (up - down) / total / 2, nu / total
        gradient = np.empty_like(theta)
        gradient[:, :-1] = (margin - judged * mean) @ lead_design
        gradient[:, -1] = ties - (judged * tie).sum(axis=1)
        hessian = np.empty((len(theta), n + 2, n + 2))
        hessian[:, :-1, :-1] = ((judged * ((1 - tie) / 4 - mean**2)) @ squares).reshape(-1, n + 1, n + 1)
        hessian[:, -1, :-1] = hessian[:, :-1, -1] = -(judged * mean * tie) @ lead_design
        hessian[:, -1, -1] = (judged * tie * (1 - tie)).sum(axis=1)
        chance = expit(theta)
        gradient += prior * (1 - 2 * chance)
        hessian[:, np.arange(n + 2), np.arange(n + 2)] += 2 * prior * chance * (1 - chance) + 1e-12
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True, initial=0)
        theta += step * np.minimum(1, _LONGEST_STEP / np.maximum(longest, _LONGEST_STEP))
        if longest.max(initial=0) < _TOLERANCE:
            break
    return theta


@functools.lru_cache(maxsize=16)
def _design(n: int) -> tuple[Array, Array]:
    """One row an ordered pair, `(n·(n-1), n + 1)`: how its lead depends on θ and δ; and its outer products."""
    left, right = np.nonzero(~np.eye(n, dtype=bool))
    identity = np.eye(n + 1)
    design = identity[left] - identity[right] + identity[n]
    return design, (design[:, :, None] * design[:, None, :]).reshape(len(design), (n + 1) ** 2)
