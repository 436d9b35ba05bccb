"""Rank correlations of a metric with people's scores, their intervals over raters, and what chance alone reaches.

Kendall's tau-b (Biometrika, 1945) and Spearman's rho (1904) say how alike two orders are: 1 the same, 0 no relation,
-1 reversed. A metric is taken as it is, from thousands of samples; people's order is not: each draw of whole raters has
an order of its own, and so a correlation of its own.

The order of a draw is one step noisier than that of the votes, which is one step noisier than that of all people, and
noise brings a correlation closer to 0. So the interval goes from the lower percentile of the draws to the upper one
moved by twice the distance of their mean to the estimate (and the other way round for negative correlations): wider
than percentiles, which leave out a true 1 whenever two arms are close. `benchmarks/results/numbers_vs_eyes.py` counts
how often it holds a known truth.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import scipy
from numpy.typing import NDArray

from evaluation.qualitative.ranking.intervals import LEVEL
from evaluation.qualitative.ranking.tally import pairs_of

Array = NDArray[np.float64]

FEWEST_ARMS = 3  # two arms have one pair: no correlation
DIGITS = 6  # of people's scores: those that differ less are tied
_ALL_ORDERS_UP_TO = 7  # arms: 5,040 orders; of more arms so many are drawn
_ORDERS = 10_000


def kendall(orders: Array, values: Array) -> Array:
    """Return Kendall's tau-b of each row of `orders` `(B, n)` with `values` `(n,)`; 0 where a row is all ties."""
    first, second = pairs_of(len(values))
    orders = orders.round(DIGITS)
    by_row, by_value = np.sign(orders[:, first] - orders[:, second]), np.sign(values[first] - values[second])
    untied = np.sqrt(np.abs(by_row).sum(axis=1) * np.abs(by_value).sum())
    return np.divide(by_row @ by_value, untied, out=np.zeros(len(orders)), where=untied > 0)


def spearman(orders: Array, values: Array) -> Array:
    """Return Spearman's rho of each row of `orders` `(B, n)` with `values` `(n,)`; 0 where a row is all ties."""
    ranks, of_values = scipy.stats.rankdata(orders.round(DIGITS), axis=1), scipy.stats.rankdata(values)
    ranks, of_values = ranks - ranks.mean(axis=1, keepdims=True), of_values - of_values.mean()
    size = np.sqrt((ranks**2).sum(axis=1) * (of_values**2).sum())
    return np.divide(ranks @ of_values, size, out=np.zeros(len(orders)), where=size > 0)


def interval(estimate: float, draws: Array) -> tuple[float, float]:
    """Return the 95 % interval of a correlation from its value in each draw of raters; see the module."""
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    towards_zero = estimate - float(draws.mean())
    low, high = low + 2 * min(towards_zero, 0.0), high + 2 * max(towards_zero, 0.0)
    return max(-1.0, float(min(low, estimate))), min(1.0, float(max(high, estimate)))


def by_chance(eyes: Array, values: Array) -> float:
    """Return the share of all orders of people's scores whose tau with the metric is at least theirs.

    Of more than seven arms 10,000 orders are drawn.
    """
    n = len(values)
    observed = kendall(eyes[None], values)[0]
    if n <= _ALL_ORDERS_UP_TO:
        orders = eyes[np.array(list(permutations(range(n))))]
        return float((kendall(orders, values) >= observed - 1e-9).mean())
    rng = np.random.default_rng(0)
    orders = rng.permuted(np.tile(eyes, (_ORDERS, 1)), axis=1)
    return float(((kendall(orders, values) >= observed - 1e-9).sum() + 1) / (_ORDERS + 1))
