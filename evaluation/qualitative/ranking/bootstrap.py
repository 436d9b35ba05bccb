"""Bootstrap over whole raters, because the votes of one rater depend on each other (Cameron & Miller, 2015).

A replicate draws as many raters as there are, with replacement, and counts all votes of a rater as often as the rater
was drawn (Efron & Tibshirani, 1993). On counts by rater that is one product of matrices: times drawn × counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ranking.bradley_terry import fit, pair_counts
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, Tally, pairs_of

Array = NDArray[np.float64]

RESAMPLES = 1000
_AT_ONCE = 2**24  # numbers in one block of times drawn


def strengths(tally: Tally, *, theta: Array, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Fit Bradley-Terry to `resamples` draws of raters, starting from the estimate `theta` `(n,)`.

    Returns:
        `(resamples, n)` strengths.
    """
    n = len(tally.arms)
    pairs = n * (n - 1) // 2
    counts = csr_array(tally.by_rater @ _to_pairs(n))
    fitted = [
        fit(draws[:, :pairs], draws[:, pairs:], n=n, start=theta)
        for draws in resampled(counts, resamples=resamples, seed=seed)
    ]
    return np.concatenate(fitted)


def naive_strengths(tally: Tally, *, theta: Array, resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """Draw votes instead of raters, as arenas do. For comparison only: it treats a rater's votes as independent.

    Returns:
        `(resamples, n)` strengths.
    """
    n = len(tally.arms)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(tally.votes, tally.total.ravel() / tally.votes, size=resamples)
    wins, judged = pair_counts(draws.reshape(resamples, n, n, 3).astype(float))
    return fit(wins, judged, n=n, start=theta)


def resampled(counts: csr_array, *, resamples: int, seed: int) -> Iterator[Array]:
    """Draw the rows of `counts` `(raters, columns)` with replacement and sum them up.

    Returns:
        The sums, `(resamples, columns)` in blocks of rows.
    """
    raters = counts.shape[0]
    rng = np.random.default_rng(seed)
    block = max(1, min(resamples, _AT_ONCE // max(raters, 1)))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = rng.integers(raters, size=(rows, raters)) + np.arange(rows)[:, None] * raters
        times = np.bincount(drawn.ravel(), minlength=rows * raters).reshape(rows, raters)
        yield np.asarray((counts.T @ times.T.astype(float)).T)


def pair_table(tally: Tally) -> tuple[csr_array, csr_array]:
    """Return, by rater and pair, how often the first arm won (ties half) and how often the pair was judged."""
    n = len(tally.arms)
    pairs = n * (n - 1) // 2
    counts = csr_array(tally.by_rater @ _to_pairs(n))
    return counts[:, :pairs], counts[:, pairs:]


def _to_pairs(n: int) -> csr_array:
    """Return the matrix that turns counts of answers, `(n·n·3)`, into wins and judgements of pairs, `(2·pairs)`."""
    first, second = pairs_of(n)
    pair = np.arange(len(first))
    there, back = (first * n + second) * 3, (second * n + first) * 3
    won = [(there + LEFT, 1.0), (back + RIGHT, 1.0), (there + TIE, 0.5), (back + TIE, 0.5)]
    judged = [(cells + outcome, 1.0) for cells in (there, back) for outcome in (LEFT, RIGHT, TIE)]
    entries = [(cells, pair, weight) for cells, weight in won]
    entries += [(cells, pair + len(first), weight) for cells, weight in judged]
    rows = np.concatenate([cells for cells, _, _ in entries])
    columns = np.concatenate([places for _, places, _ in entries])
    weights = np.concatenate([np.full(len(cells), weight) for cells, _, weight in entries])
    return csr_array((weights, (rows, columns)), shape=(n * n * 3, 2 * len(first)))
