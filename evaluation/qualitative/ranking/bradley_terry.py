"""Bradley-Terry (Biometrika, 1952), fitted to many tables of counts at once by Newton's method.

Arm `i` beats arm `j` with probability `σ(θ_i - θ_j)`. The fit maximises the log-likelihood plus the weak prior that
`ranking.py` explains, `Σ_i log σ(θ_i) + log σ(-θ_i)`: a win and a loss of each arm against an imagined opponent of
strength 0. The sum is strictly concave, so Newton's method finds its only maximum.

`ranking.py` fits the one table of a study with evalica; this module fits the thousands that a bootstrap draws, for
which single calls would take minutes. Given a good start, all tables first share one information matrix (the chord
method), which costs a fraction of a Newton step; tables that do not settle that way are finished by Newton's method.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, pairs_of

Array = NDArray[np.float64]

_TOLERANCE = 1e-8
_LONGEST_STEP = 2.0  # from far away, a whole step of Newton's would overshoot where the likelihood is flat
_MOST_STEPS = 200
_CHORD_STEPS = 25


def pair_counts(counts: Array) -> tuple[Array, Array]:
    """Sum up tables of votes by unordered pair; a tie is half a win for each.

    Args:
        counts: `(..., n, n, 3)`, as `Tally.total`.

    Returns:
        For each pair of `pairs_of(n)`, how often the first of its arms won and how often the pair was judged, both
        `(..., n·(n-1)/2)`.
    """
    first, second = pairs_of(counts.shape[-2])
    there, back = counts[..., first, second, :], counts[..., second, first, :]
    wins = there[..., LEFT] + back[..., RIGHT] + (there[..., TIE] + back[..., TIE]) / 2
    return wins, there.sum(axis=-1) + back.sum(axis=-1)


def fit(wins: Array, judged: Array, *, n: int, start: Array | None = None, prior: float = 1.0) -> Array:
    """Fit strengths to tables of counts.

    Args:
        wins: `(B, n·(n-1)/2)`, how often the first arm of each pair won, and `judged` how often it was judged.
        judged: see `wins`.
        n: number of arms.
        start: `(n,)`, a guess near all of the strengths; zeros by default.
        prior: weight of the prior; with 0 the strengths are only known up to a constant and may be infinite.

    Returns:
        `(B, n)` strengths θ, natural logarithms of odds; 0 is the imagined opponent.
    """
    theta = np.array(np.broadcast_to(np.zeros(n) if start is None else start, (len(wins), n)))
    if start is None:
        return _newton(theta, wins, judged, prior)
    settled = _chord(theta, wins, judged, prior)
    if not settled.all():
        theta[~settled] = start
        theta[~settled] = _newton(theta[~settled], wins[~settled], judged[~settled], prior)
    return theta


def _newton(theta: Array, wins: Array, judged: Array, prior: float) -> Array:
    """Climb to the maximum from `theta` `(B, n)`."""
    for _ in range(_MOST_STEPS):
        gradient, hessian = derivatives(theta, wins, judged, prior)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        longest = np.abs(step).max(axis=1, keepdims=True, initial=0)
        theta = theta + step * np.minimum(1, _LONGEST_STEP / np.maximum(longest, _LONGEST_STEP))
        if longest.max(initial=0) < _TOLERANCE:
            break
    return theta


def _chord(theta: Array, wins: Array, judged: Array, prior: float) -> NDArray[np.bool_]:
    """Climb in place, with the information of the average table for all; return which tables settled."""
    contrast = contrasts(theta.shape[1])
    _, shared = derivatives(theta[:1], wins[:1], judged.mean(axis=0, keepdims=True), prior)
    inverse = np.linalg.inv(shared[0])
    moving = np.arange(len(theta))
    for _ in range(_CHORD_STEPS):
        now = theta[moving]
        slope = (wins[moving] - judged[moving] * expit(now @ contrast.T)) @ contrast + prior * (1 - 2 * expit(now))
        step = slope @ inverse
        longest = np.abs(step).max(axis=1)
        fine = longest < _LONGEST_STEP
        theta[moving[fine]] += step[fine]
        moving = moving[fine & (longest >= _TOLERANCE)]
        if not len(moving):
            break
    gradient = (wins - judged * expit(theta @ contrast.T)) @ contrast + prior * (1 - 2 * expit(theta))
    return np.asarray(np.abs(gradient @ inverse).max(axis=1) < _TOLERANCE)


def information(theta: Array, judged: Array, *, prior: float = 1.0) -> Array:
    """Return minus the second derivative at `theta` `(B, n)`: `(B, n, n)`."""
    return derivatives(theta, judged / 2, judged, prior)[1]


@functools.lru_cache(maxsize=16)
def contrasts(n: int) -> Array:
    """Return a row for each pair, 1 for its first arm and -1 for its second: `(pairs, n)`."""
    identity = np.eye(n)
    first, second = pairs_of(n)
    contrast = identity[first] - identity[second]
    contrast.flags.writeable = False
    return contrast


def derivatives(theta: Array, wins: Array, judged: Array, prior: Array | float) -> tuple[Array, Array]:
    """Return the gradient `(B, n)` and minus the second derivative `(B, n, n)`; `prior` is one weight, or `(B, n)`."""
    batch, n = theta.shape
    contrast = contrasts(n)
    first, second = pairs_of(n)
    chance = expit(theta[:, first] - theta[:, second])
    against_average = expit(theta)
    gradient = (wins - judged * chance) @ contrast + prior * (1 - 2 * against_average)
    weight = judged * chance * (1 - chance)
    hessian = np.zeros((batch, n, n))
    hessian[:, first, second] = hessian[:, second, first] = -weight
    hessian[:, np.arange(n), np.arange(n)] = (
        2 * prior * against_average * (1 - against_average) + 1e-12 - hessian.sum(axis=2)
    )
    return gradient, hessian


def average(theta: Array) -> Array:
    """Return the strength `(B,)` of the arm that would win half its ballots against all of `theta` `(B, n)`."""
    middle = theta.mean(axis=1)
    for _ in range(50):
        chance = expit(theta - middle[:, None])
        step = (chance - 0.5).sum(axis=1) / np.maximum((chance * (1 - chance)).sum(axis=1), 1e-9)
        middle = middle + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return middle


def average_weights(theta: Array) -> Array:
    """Return how much each arm moves the average, `(B, n)`."""
    chance = expit(theta - average(theta)[:, None])
    slope = chance * (1 - chance)
    return slope / slope.sum(axis=1, keepdims=True)
