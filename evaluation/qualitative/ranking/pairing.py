"""Adaptive choice of the next pair: most often two arms that may be the best, at times every other pair.

'Top-two' sampling (Russo, 'Simple Bayesian algorithms for best-arm identification', Operations Research, 2020): a pair
is drawn as often as its two arms are, given the votes, the first and the second of all. The posterior of the strengths
is approximated by a normal distribution around the Bradley-Terry estimate, with the inverse of the information as
covariance (Laplace), so pairs are drawn where arms near the top are close or uncertain. A floor under every pair keeps
the whole ranking informed and all arms linked. The chance of the pair is stored with each vote.

The pair depends on votes already cast, not on the next answer, so the likelihood is the same as for pairs fixed
beforehand; `benchmarks/ranking.py` measures the coverage of the intervals under this rule.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.qualitative.ranking.bradley_terry import fit, information, pair_counts
from evaluation.qualitative.ranking.tally import OUTCOMES, pairs_of

Array = NDArray[np.float64]

FLOOR = 0.5
_DRAWS = 1024


def pair_probabilities(
    counts: Mapping[tuple[str, str, str], int], arms: Sequence[str], *, floor: float = FLOOR
) -> dict[tuple[str, str], float]:
    """Return how likely each pair should be drawn for the next ballot. The same counts give the same chances.

    Args:
        counts: how often `(left, right, choice)` was voted; what judges nothing, or an arm not in `arms`, is ignored.
        arms: ids of the arms, two or more.
        floor: 0 … 1, the share of ballots that is spread evenly: no pair is less likely than `floor / pairs`. With 1
            all pairs are equally likely.

    Returns:
        Chances by unordered pair, its arms in the order of `arms`; they sum to 1.

    Raises:
        ValueError: fewer than two arms, an arm twice, or a floor outside 0 … 1.
    """
    if len(arms) < 2 or len(set(arms)) < len(arms):
        raise ValueError(f"a pair needs two different arms, got {', '.join(arms) or 'none'}")
    if not 0 <= floor <= 1:
        raise ValueError(f"the floor is a share from 0 to 1, got {floor}")
    first, second = pairs_of(len(arms))
    chances = floor / len(first) + (1 - floor) * top_two(_table(counts, arms))
    chances /= chances.sum()
    return {(arms[i], arms[j]): float(p) for i, j, p in zip(first, second, chances, strict=True)}


def top_two(counts: Array) -> Array:
    """Return how likely each pair of `pairs_of(n)` is to be the best two, after counts `(n, n, 3)` of answers."""
    n = len(counts)
    wins, judged = pair_counts(counts[None])
    theta = fit(wins, judged, n=n)
    # With H = L Lᵀ, L⁻ᵀ z has the covariance H⁻¹ when z is standard normal.
    spread = np.linalg.inv(np.linalg.cholesky(information(theta, judged)[0]))
    drawn = theta + _normal(n) @ spread
    best = np.sort(np.argpartition(drawn, n - 2, axis=1)[:, n - 2 :], axis=1)
    shares = np.bincount(best[:, 0] * n + best[:, 1], minlength=n * n) / len(drawn)
    return shares.reshape(n, n)[pairs_of(n)]


@functools.lru_cache(maxsize=64)
def _normal(n: int) -> Array:
    """Standard normal draws `(_DRAWS, n)`, always the same; each comes with its opposite, so their mean is 0."""
    half = np.random.default_rng(0).normal(size=(_DRAWS // 2, n))
    return np.concatenate([half, -half])


def _table(counts: Mapping[tuple[str, str, str], int], arms: Sequence[str]) -> Array:
    numbers = {arm: i for i, arm in enumerate(arms)}
    table = np.zeros((len(arms), len(arms), 3))
    for (left, right, choice), often in counts.items():
        if left in numbers and right in numbers and left != right and choice in OUTCOMES:
            table[numbers[left], numbers[right], OUTCOMES[choice]] += often
    return table
