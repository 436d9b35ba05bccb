"""95 % intervals of Bradley-Terry scores, right also for an arm that (almost) never loses.

`estimate ± t · s` fails at the ends of a ranking: an arm that never lost has no finite maximum of the likelihood, and
its estimate and its `s` are those of the prior. So the interval is a score interval (Rao, 1948; Wilson's for a share is
the simplest): it holds every strength under which the wins of the arm are no further than `t` standard deviations from
those expected, with the other arms fitted anew for each strength (profile). An arm without a loss has no upper end.

With `λ` wins of arm `i` taken away, the fit of the others and of the arm is the profile at a lower strength; `λ` is the
distance of the wins from their expectation, and `v = gᵀ H⁻¹ g` makes `λ √v` standard normal for independent votes,
where `g` is the gradient of the score of arm `i` and `H` the information. Votes of one rater depend on each other: `v`
is divided by the design effect of `design_effect.py`. `t` is Student's quantile of `intervals.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.qualitative.ranking.bradley_terry import average, average_weights, derivatives, pair_counts
from evaluation.qualitative.ranking.tally import Tally

Array = NDArray[np.float64]

_PRIOR = 0.5  # of the other arms, so that theirs are finite; the arm itself has none
_ROUNDS = 12
_NEWTON_STEPS = 6
_CLOSE = 1e-3  # of the quantile


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
    won, lost = tally.won_and_lost
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
        gradient = -average_weights(theta)
        gradient[rows, arm] += 1
        slope, information = derivatives(theta, wins, judged, prior)
        both = np.linalg.solve(information, np.stack([slope - taken[:, None] * gradient, gradient], axis=-1))
        step = both[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        theta = theta + step * np.minimum(1, 2 / np.maximum(longest, 2))
        if longest.max() < 1e-3:
            break
    variance = (both[..., 1] * gradient).sum(axis=1)
    return theta, theta[rows, arm] - average(theta), variance
