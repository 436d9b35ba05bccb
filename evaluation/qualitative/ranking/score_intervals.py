"""95 % intervals of Bradley-Terry scores, right also for an arm that (almost) never loses.

`estimate ± t · s` fails at the ends of a ranking: an arm that never lost has no finite maximum of the likelihood, and
its estimate and its `s` are those of the prior. So the interval is a score interval (Rao, 1948; Wilson's for a share is
the simplest): it holds every strength under which the wins of the arm are no further than `t` standard deviations from
those expected, with the other arms fitted anew for each strength (profile). An arm without a loss has no upper end.

With `λ` wins of arm `i` taken away, the fit of the others and of the arm is the profile at a lower strength; `λ` is the
distance of the wins from their expectation, and `v = gᵀ H⁻¹ g` makes `λ √v` standard normal for independent votes,
where `g` is the gradient of the score of arm `i` and `H` the information. Votes of one rater hang together: `v` is
divided by a design effect, the variance over raters (Cameron & Miller, 2015) over the variance of independent votes.
For an arm with few losses, or few wins, it can hardly be estimated and is drawn towards the average of all arms. `t` is
Student's quantile of `intervals.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evaluation.qualitative.ranking.bootstrap import pair_table
from evaluation.qualitative.ranking.bradley_terry import contrasts, derivatives, pair_counts
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, Tally

Array = NDArray[np.float64]

_PRIOR = 0.5  # of the other arms, so that theirs are finite; the arm itself has none
_WEIGHT = 5.0  # losses (or wins) that the average design effect counts as
_LEAST_EFFECT = 0.3  # ties make votes vary less than wins and losses; a few votes may vary less still by accident
_ROUNDS = 12
_NEWTON_STEPS = 6
_CLOSE = 1e-3  # of the quantile


@dataclass(frozen=True, kw_only=True, eq=False)
class Precision:
    """How well the strengths of arms that met are known.

    Attributes:
        variance: `(n,)`, of each score if votes were independent.
        design_effect: `(n,)`, how much larger the variance over raters is.
        pooled: the average design effect.
    """

    variance: Array
    design_effect: Array
    pooled: float


def precision(tally: Tally, theta: Array) -> Precision:
    """Estimate how well strengths are known, from how much raters differ.

    Args:
        tally: votes of two raters or more on arms that all met, directly or through others.
        theta: `(n,)` strengths.
    """
    n = len(theta)
    contrast = contrasts(n)
    chance = expit(contrast @ theta)
    wins, judged = pair_table(tally)
    by_rater = np.asarray(wins @ contrast - judged @ (chance[:, None] * contrast))  # (raters, n)
    _, total = pair_counts(tally.total[None])
    _, information = derivatives(theta[None], total / 2, total, 1.0)
    gradient = np.eye(n) - _weights(theta[None])
    influence = np.linalg.solve(information[0], gradient.T).T
    raters = len(by_rater)
    moved = by_rater @ influence.T
    clustered = raters / (raters - 1) * ((moved - moved.mean(axis=0)) ** 2).sum(axis=0)
    likelihood = (contrast.T * (total[0] * chance * (1 - chance))) @ contrast
    variance = np.einsum("ij,jk,ik->i", influence, likelihood, influence)
    observed = clustered / np.maximum(variance, 1e-12)
    rare = np.minimum(*_won_and_lost(tally))
    pooled = max(float(np.average(observed, weights=rare + 1e-9)), _LEAST_EFFECT) if rare.any() else 1.0
    effect = np.maximum((_WEIGHT * pooled + rare * observed) / (_WEIGHT + rare), _LEAST_EFFECT)
    return Precision(variance=np.einsum("ij,ij->i", gradient, influence), design_effect=effect, pooled=pooled)


def score_intervals(tally: Tally, theta: Array, design_effect: Array, *, quantile: float) -> tuple[Array, Array]:
    """Return the lower and the upper end of each strength's interval, infinite where the votes set no bound.

    Args:
        tally: votes on arms that all met, directly or through others.
        theta: `(n,)` strengths.
        design_effect: `(n,)`, see `precision`.
        quantile: Student's, for the level and the effective number of raters.

    Returns:
        Two arrays `(n,)` on the scale of `theta`, moved so that an average arm has strength 0.
    """
    n = len(theta)
    won, lost = _won_and_lost(tally)
    wins, judged = pair_counts(tally.total[None])
    arm = np.tile(np.arange(n), 2)
    sign = np.repeat([1.0, -1.0], n)  # lower ends, then upper ends
    # far away an arm no longer moves the average, and its wins run out at λ = won; of two arms each moves it by half
    room = np.concatenate([won, lost]) * (2 if n == 2 else 1)
    bounded = np.flatnonzero(room > 0)
    ends = np.repeat([-np.inf, np.inf], n)
    if len(bounded):
        ends[bounded] = _ends(
            theta,
            wins,
            judged,
            arm[bounded],
            sign[bounded],
            room[bounded],
            np.sqrt(design_effect[arm[bounded]]),
            quantile,
        )
    return ends[:n], ends[n:]


def _ends(
    theta: Array,
    wins: Array,
    judged: Array,
    arm: NDArray[np.intp],
    sign: Array,
    room: Array,
    stretch: Array,
    quantile: float,
) -> Array:
    """Find, for each end, the `λ` in 0 … `room` at which `λ √v` is `quantile` stretched; infinite where none is."""
    low, high = np.zeros(len(arm)), room * (1 - 1e-9)
    profile = np.tile(theta, (len(arm), 1))
    lead = np.zeros(len(arm))
    taken = high / 2
    for _ in range(_ROUNDS):
        profile, lead, variance = _profile(profile, wins, judged, arm, sign * taken)
        distance = taken * np.sqrt(variance) / stretch
        done = np.abs(distance - quantile) < _CLOSE * quantile
        if done.all():
            break
        low, high = np.where(distance < quantile, taken, low), np.where(distance < quantile, high, taken)
        guess = taken * quantile / np.maximum(distance, 1e-9)
        inside = (guess > low) & (guess < high)
        taken = np.where(done, taken, np.where(inside, guess, (low + high) / 2))
    reached = distance > (1 - 10 * _CLOSE) * quantile
    return np.where(reached, lead, -sign * np.inf)


def _profile(
    theta: Array, wins: Array, judged: Array, arm: NDArray[np.intp], taken: Array
) -> tuple[Array, Array, Array]:
    """Fit with `taken` wins fewer for `arm`: strengths `(B, n)`, the score of `arm` `(B,)` and `v` `(B,)`."""
    rows = np.arange(len(arm))
    prior = np.full(theta.shape, _PRIOR)
    prior[rows, arm] = 0.0
    for _ in range(_NEWTON_STEPS):
        gradient = -_weights(theta)
        gradient[rows, arm] += 1
        slope, information = derivatives(theta, wins, judged, prior)
        both = np.linalg.solve(information, np.stack([slope - taken[:, None] * gradient, gradient], axis=-1))
        step = both[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        theta = theta + step * np.minimum(1, 2 / np.maximum(longest, 2))
        if longest.max() < 1e-3:
            break
    variance = (both[..., 1] * gradient).sum(axis=1)
    return theta, theta[rows, arm] - _average(theta), variance


def _average(theta: Array) -> Array:
    """Return the strength `(B,)` of the arm that would win half its ballots against all of `theta` `(B, n)`."""
    average = theta.mean(axis=1)
    for _ in range(50):
        chance = expit(theta - average[:, None])
        step = (chance - 0.5).sum(axis=1) / np.maximum((chance * (1 - chance)).sum(axis=1), 1e-9)
        average = average + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return average


def _weights(theta: Array) -> Array:
    """Return how much each arm moves the average, `(B, n)`."""
    chance = expit(theta - _average(theta)[:, None])
    slope = chance * (1 - chance)
    return slope / slope.sum(axis=1, keepdims=True)


def _won_and_lost(tally: Tally) -> tuple[Array, Array]:
    """Return how often each arm won and lost, ties half."""
    total = tally.total
    half = (total[:, :, TIE].sum(axis=1) + total[:, :, TIE].sum(axis=0)) / 2
    won = total[:, :, LEFT].sum(axis=1) + total[:, :, RIGHT].sum(axis=0)
    lost = total[:, :, RIGHT].sum(axis=1) + total[:, :, LEFT].sum(axis=0)
    return won + half, lost + half
