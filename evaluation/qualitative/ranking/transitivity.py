"""Does one order explain the votes? Residuals of all pairs, and circles: 'a over b, b over c, c over a'.

Bradley-Terry puts all arms on one scale. Where tastes depend on the pair, no scale fits: the residuals of the pairs,
votes won less votes expected, are larger than chance makes them, and there are more circular triads (Kendall &
Babington Smith, 'On the method of paired comparisons', Biometrika, 1940) than the fitted model gives.

Both tests draw whole raters again (`bootstrap.py`). The sum of squared standardised residuals is compared with the same
sum over the draws, where the residuals are centred (Efron & Tibshirani, 1993) and, for few raters, as much wider as
Student's quantile is than the normal one. The number of circles is compared with that in tables of votes whose
residuals are these centred draws around the fitted expectation; pairs that the votes leave undecided are in no triad
there either.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack
from scipy.special import expit

from evaluation.qualitative.ranking.bootstrap import RESAMPLES, pair_table, resampled
from evaluation.qualitative.ranking.bradley_terry import contrasts, fit
from evaluation.qualitative.ranking.intervals import Spread
from evaluation.qualitative.ranking.tally import Tally, pairs_of

Array = NDArray[np.float64]

_NOTABLE = 2.0  # standard deviations
_MOST = 5  # residuals and circles that are named


@dataclass(frozen=True, kw_only=True)
class Residual:
    """How far the votes on a pair are from what the scores of its arms say.

    Attributes:
        first: an arm, before `second` in the order of the study.
        second: the other.
        won: share of the votes that the first won, ties half.
        expected: share that the scores give it.
        deviations: the difference in standard deviations over raters.
    """

    first: str
    second: str
    won: float
    expected: float
    deviations: float


@dataclass(frozen=True, kw_only=True)
class Circle:
    """Three arms of which each won against the next, and the last against the first.

    Attributes:
        arms: their ids.
        won: shares of the votes that each won against the next; all above ½.
    """

    arms: tuple[str, str, str]
    won: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Transitivity:
    """Whether one order explains the votes.

    Attributes:
        residuals: the largest, if they exceed two standard deviations, the largest first.
        misfit: p-value of all residuals together; small where no single scale fits the votes.
        circles: the clearest circular triads.
        triads: how many triads of arms were judged in all three pairs, with a winner in each.
        circular: how many of them are circles.
        circular_by_chance: how many are expected if one scale holds.
        circular_p: p-value of their number.
    """

    residuals: list[Residual]
    misfit: float
    circles: list[Circle]
    triads: int
    circular: int
    circular_by_chance: float
    circular_p: float


def transitivity(tally: Tally, *, resamples: int = RESAMPLES, seed: int = 0) -> Transitivity | None:
    """Check whether one order explains the votes.

    Args:
        tally: the votes.
        resamples: how many draws of raters.
        seed: of the draws.

    Returns:
        None with fewer than two effective raters or three arms that were judged.
    """
    n = len(tally.arms)
    spread = Spread(raters=tally.raters, effective_raters=tally.effective_raters)
    if not spread.known or resamples < 2 or max((len(group) for group in tally.groups), default=0) < 3:
        return None
    wins, judged = pair_table(tally)
    total_won, total = (np.asarray(table.sum(axis=0), dtype=float) for table in (wins, judged))
    theta = fit(total_won[None], total[None], n=n)
    expected = total * expit(theta[0] @ contrasts(n).T)
    residual = total_won - expected
    both = csr_array(hstack([wins, judged]))
    drawn = np.concatenate(
        [
            sums[:, : len(total)] - sums[:, len(total) :] * expit(_refit(sums, n, theta[0]) @ contrasts(n).T)
            for sums in resampled(both, resamples=resamples, seed=seed)
        ]
    )
    student = spread.quantile() / scipy.stats.norm.ppf((1 + spread.level) / 2)
    noise = (drawn - drawn.mean(axis=0)) * np.sqrt(spread.raters / (spread.raters - 1))
    deviation = noise.std(axis=0, ddof=1)
    known = (total > 0) & (deviation > 1e-9)
    standard = np.where(known, residual / np.where(known, deviation, 1.0), 0.0)
    sums = ((student * noise[:, known] / deviation[known]) ** 2).sum(axis=1)
    misfit = float((1 + (sums >= (standard[known] ** 2).sum()).sum()) / (1 + len(sums)))
    decided = np.abs(total_won - total / 2) > 1e-9
    simulated = np.where(decided, np.clip(expected + noise, 0.0, total), total / 2)
    triads, circular = _circular(total_won[None], total, n)
    _, by_chance = _circular(simulated, total, n)
    return Transitivity(
        residuals=_largest(tally, standard, total_won, expected, total),
        misfit=misfit,
        circles=_clearest(tally, total_won, total),
        triads=int(triads[0]),
        circular=int(circular[0]),
        circular_by_chance=float(by_chance.mean()),
        circular_p=float((1 + (by_chance >= circular[0]).sum()) / (1 + len(by_chance))),
    )


def _refit(sums: Array, n: int, start: Array) -> Array:
    pairs = sums.shape[1] // 2
    return fit(sums[:, :pairs], sums[:, pairs:], n=n, start=start)


def _beats(won: Array, judged: Array, n: int) -> Array:
    """Return which arm beat which by the majority of votes, `(B, n, n)` of 0 and 1."""
    first, second = pairs_of(n)
    beats = np.zeros((len(won), n, n))
    beats[:, first, second] = won > judged / 2 + 1e-9
    beats[:, second, first] = (won < judged / 2 - 1e-9) & (judged > 0)
    return beats


def _circular(won: Array, judged: Array, n: int) -> tuple[Array, Array]:
    """Return how many triads have a winner in all three pairs and how many of them are circles, both `(B,)`."""
    beats = _beats(won, judged, n)
    decided = beats + beats.transpose(0, 2, 1)
    triads = np.einsum("bij,bji->b", decided @ decided, decided) / 6
    circles = np.einsum("bij,bji->b", beats @ beats, beats) / 3
    return np.rint(triads), np.rint(circles)


def _largest(tally: Tally, standard: Array, won: Array, expected: Array, judged: Array) -> list[Residual]:
    first, second = pairs_of(len(tally.arms))
    order = np.argsort(-np.abs(standard), kind="stable")[:_MOST]
    return [
        Residual(
            first=tally.arms[first[pair]],
            second=tally.arms[second[pair]],
            won=float(won[pair] / judged[pair]),
            expected=float(expected[pair] / judged[pair]),
            deviations=float(standard[pair]),
        )
        for pair in order
        if abs(standard[pair]) > _NOTABLE
    ]


def _clearest(tally: Tally, won: Array, judged: Array) -> list[Circle]:
    """Return the circles whose closest pair is the most decided, as far as any is."""
    n = len(tally.arms)
    first, second = pairs_of(n)
    share = np.full((n, n), np.nan)
    met = judged > 0
    share[first[met], second[met]] = won[met] / judged[met]
    share[second[met], first[met]] = 1 - won[met] / judged[met]
    circles = []
    beats = _beats(won[None], judged, n)[0] > 0
    for a, b in zip(*np.nonzero(beats), strict=True):
        for c in np.flatnonzero(beats[b] & beats[:, a]):
            if a < b and a < c:  # each circle once, from its first arm
                shares = (float(share[a, b]), float(share[b, c]), float(share[c, a]))
                circles.append(Circle(arms=(tally.arms[a], tally.arms[b], tally.arms[c]), won=shares))
    return list(itertools.islice(sorted(circles, key=lambda circle: -min(circle.won)), _MOST))
