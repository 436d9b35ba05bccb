"""The ranking of arms by answers that name the best and the worst of four pictures (best-worst scaling).

The model is the sequential best-worst choice of Marley & Louviere ('Some probabilistic models of best, worst, and
best-worst choices', Journal of Mathematical Psychology, 2005): of the set `S` arm `b` is chosen as the best with
probability `exp θ_b / Σ_S exp θ_k`, and then of the others `w` as the worst with `exp -θ_w / Σ_{S∖b} exp -θ_k`. On two
pictures it is Bradley-Terry, so scores are on the scale of `ranking.py`: 400 points are ten times the odds to be
preferred of two. The weak prior is that of `ranking.py` too; log-likelihood and prior are concave, so Newton's method
finds the only maximum.

A rater's answers hang together: intervals, ranks and the top set rest on draws of whole raters (`intervals.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from evaluation.qualitative.ballot import Choice
from evaluation.qualitative.ranking.bootstrap import RESAMPLES
from evaluation.qualitative.ranking.intervals import (
    Differences,
    Spread,
    differences,
    least_deviations,
    rank_intervals,
    sole_best,
    votes_needed,
)
from evaluation.qualitative.ranking.ranking import AVERAGE_SCORE, POINTS_PER_LOGIT, Standing
from evaluation.qualitative.ranking.responses import PairCount
from evaluation.qualitative.ranking.tally import groups_of, pairs_of, ratings

Array = NDArray[np.float64]
Places = NDArray[np.intp]

ANSWERS = {choice.value: choice.best_and_worst for choice in Choice if choice.best_and_worst}  # places, from 0
COLUMNS = ("left", "right", "third", "fourth")
_TOLERANCE = 1e-8
_LONGEST_STEP = 2.0
_MOST_STEPS = 100
_AT_ONCE = 2**21  # numbers of one block of draws


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedSets:
    """The answers that named a best and a worst picture.

    Attributes:
        arms: ids of the `n` arms.
        sets: `(V, 4)` numbers of the arms shown, the best first and the worst last; the order between is that of the
            places.
        rater: `(V,)` numbers of the raters, 0 … `raters - 1`.
        raters: how many answered.
    """

    arms: tuple[str, ...]
    sets: Places
    rater: Places
    raters: int

    @cached_property
    def groups(self) -> list[list[int]]:
        """Numbers of the arms that met in a set, directly or through others, the largest group first."""
        n = len(self.arms)
        met = np.zeros((n, n), dtype=bool)
        met[self.sets[:, :1], self.sets] = True
        return groups_of(met)

    @property
    def effective_raters(self) -> float:
        """Kish's effective number of raters: fewer than there are, where some answered much more."""
        each = np.bincount(self.rater, minlength=self.raters).astype(float)
        return float(each.sum() ** 2 / (each**2).sum()) if len(self.sets) else 0.0


def count(votes: pd.DataFrame, *, arms: Sequence[str]) -> JudgedSets:
    """Read the answers about four pictures; skips, other answers and sets with an unknown arm are left out.

    Args:
        votes: the columns `COLUMNS` and `choice`, one row a vote, `purpose` where there is more than ratings, and
            `rater`; without it each vote counts as a rater of its own.
        arms: ids of the arms.
    """
    votes = ratings(votes)
    numbers = {arm: i for i, arm in enumerate(arms)}
    places = votes["choice"].map(ANSWERS)
    votes, places = votes[places.notna()], places.dropna()
    sets = np.array([[numbers.get(arm, -1) for arm in votes[column]] for column in COLUMNS], dtype=np.intp).T
    sets = sets.reshape(-1, len(COLUMNS))
    known = (sets >= 0).all(axis=1)
    best, worst = (np.array([place[i] for place in places], dtype=np.intp) for i in (0, 1))
    order = np.tile(np.arange(len(COLUMNS), dtype=float), (len(sets), 1))
    rows = np.arange(len(sets))
    order[rows, best], order[rows, worst] = -1, len(COLUMNS)
    sets = np.take_along_axis(sets, np.argsort(order, axis=1), axis=1)[known]
    raters = pd.factorize(votes["rater"])[0] if "rater" in votes else rows
    rater, names = pd.factorize(np.asarray(raters)[known])
    return JudgedSets(arms=tuple(arms), sets=sets, rater=np.asarray(rater, dtype=np.intp), raters=len(names))


def log_likelihood(theta: Array, sets: Places) -> float:
    """Return the log-likelihood of the answers `sets` `(V, 4)`, as in `JudgedSets`, under strengths `theta` `(n,)`."""
    of_set = theta[sets]
    best = of_set[:, 0] - _log_sum(of_set)
    worst = -of_set[:, -1] - _log_sum(-of_set[:, 1:])
    return float((best + worst).sum())


def fit(answers: JudgedSets, *, weights: Array | None = None, start: Array | None = None) -> Array:
    """Fit the strengths of all arms.

    Args:
        answers: the answers.
        weights: `(V,)`, how often each counts; once by default.
        start: `(n,)`, a guess; zeros by default.

    Returns:
        `(n,)` natural logarithms of odds; 0 is the imagined opponent of the prior.
    """
    theta = np.zeros(len(answers.arms)) if start is None else start.copy()
    weights = np.ones(len(answers.sets)) if weights is None else weights
    for _ in range(_MOST_STEPS):
        slope, information = derivatives(theta, answers.sets, weights)
        step = np.linalg.solve(information, slope)
        longest = float(np.abs(step).max(initial=0))
        theta = theta + step * min(1.0, _LONGEST_STEP / max(longest, 1e-12))
        if longest < _TOLERANCE:
            break
    return theta


def derivatives(theta: Array, sets: Places, weights: Array) -> tuple[Array, Array]:
    """Return the gradient `(n,)` of log-likelihood and prior, and minus their second derivative `(n, n)`."""
    n = len(theta)
    chances = _chances(theta[sets])
    slope = np.zeros(n)
    information = np.zeros((n, n))
    chosen = np.array([1.0, 0.0, 0.0, -1.0])
    np.add.at(slope, sets, weights[:, None] * (chosen + chances[1] - chances[0]))
    for chance in chances:
        spread = -chance[:, :, None] * chance[:, None, :]
        spread[:, np.arange(4), np.arange(4)] += chance
        np.add.at(information, (sets[:, :, None], sets[:, None, :]), weights[:, None, None] * spread)
    average = expit(theta)
    slope += 1 - 2 * average
    information[np.arange(n), np.arange(n)] += 2 * average * (1 - average)
    return slope, information


def standings(answers: JudgedSets, *, resamples: int = RESAMPLES, seed: int = 0) -> list[Standing]:
    """Rank the arms, best first; those that were never shown come last.

    A standing's `wins` are how often the arm was called the best, its `losses` how often the worst, and its `ties` how
    often it was shown and was neither.

    Args:
        answers: the answers.
        resamples: how many draws of raters the intervals rest on; with 0 there are none.
        seed: of the draws.
    """
    n = len(answers.arms)
    theta = fit(answers)
    best, worst = (np.bincount(answers.sets[:, place], minlength=n) for place in (0, -1))
    times = np.bincount(answers.sets.ravel(), minlength=n)
    average = float(theta[times > 0].mean()) if times.any() else 0.0
    ranking = [
        Standing(
            arm=arm,
            score=AVERAGE_SCORE + POINTS_PER_LOGIT * (float(theta[i]) - average) if times[i] else None,
            wins=int(best[i]),
            losses=int(worst[i]),
            ties=int(times[i] - best[i] - worst[i]),
        )
        for i, arm in enumerate(answers.arms)
    ]
    ranked = np.flatnonzero(times)
    spread = Spread(raters=answers.raters, effective_raters=answers.effective_raters)
    for number, group in enumerate(answers.groups):
        for i in group:
            ranking[i] = replace(ranking[i], group=number)
    if resamples and spread.known and len(answers.groups) == 1:  # the prior alone links groups that never met
        draws = strengths(answers, theta=theta, resamples=resamples, seed=seed)
        for i, bounded in _bounded(ranking, answers, theta, draws, ranked, spread).items():
            ranking[i] = bounded
    return sorted(ranking, key=lambda arm: (arm.score is None, arm.group, -(arm.score or 0.0)))


def compared(
    votes: pd.DataFrame,
    with_flagged: pd.DataFrame | None,
    arms: Sequence[str],
    *,
    wanted: float,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Return what the answers about sets of four say, as values of `summary.Comparison`; empty without such answers.

    Args:
        votes: see `count`; those that count.
        with_flagged: the same with the flagged votes; None where there are none.
        arms: ids of the arms.
        wanted: half the width of an interval, in points, for which the missing votes are predicted.
        resamples: see `standings`.
        seed: of the draws.
    """
    answers = count(votes, arms=arms)
    if not len(answers.sets):
        return {}
    ranking = standings(answers, resamples=resamples, seed=seed)
    again = None
    if with_flagged is not None:
        again = standings(count(with_flagged, arms=arms), resamples=resamples, seed=seed)
    bounded = [arm for arm in ranking if arm.low is not None and arm.high is not None]
    widths = [arm.precise_to for arm in bounded if arm.precise_to is not None]
    needed = None
    if widths:
        needed = votes_needed(
            max(widths),
            wanted=wanted,
            votes=len(answers.sets),
            effective_raters=answers.effective_raters,
            arms=len(widths),
        )
    return {
        "model": "best_worst",
        "standings": ranking,
        "groups": [[answers.arms[i] for i in group] for group in answers.groups],
        "top_set": [arm.arm for arm in ranking if arm.top],
        "alone": next((arm.arm for arm in ranking if arm.alone), None),
        "votes": len(answers.sets),
        "raters": answers.raters,
        "effective_raters": answers.effective_raters,
        "pairs": pair_table(answers),
        "half_width": max(widths, default=None),
        "votes_needed": needed,
        "with_flagged": again,
    }


def strengths(answers: JudgedSets, *, theta: Array, resamples: int, seed: int) -> Array:
    """Fit `resamples` draws of whole raters, starting from the estimate `theta` `(n,)`.

    All draws share the information at the estimate (the chord method); those that do not settle are fitted alone.

    Returns:
        `(resamples, n)` strengths.
    """
    rng = np.random.default_rng(seed)
    n = len(answers.arms)
    net = np.zeros((answers.raters, n))  # how much more often an arm was the best than the worst
    for place, worth in ((0, 1.0), (-1, -1.0)):
        np.add.at(net, (answers.rater, answers.sets[:, place]), worth)
    sets, faced = _choices(answers, answers.sets)
    rests, left = _choices(answers, answers.sets[:, 1:])
    information = derivatives(theta, answers.sets, np.ones(len(answers.sets)))[1]
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    block = max(1, _AT_ONCE // max(4 * len(sets), answers.raters, 1))
    fitted = []
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        times = rng.multinomial(answers.raters, np.full(answers.raters, 1 / answers.raters), size=rows)
        drawn, moving = _drawn(theta, times @ net, (sets, times @ faced), (rests, times @ left), inverse)
        for row in moving:
            drawn[row] = fit(answers, weights=times[row][answers.rater].astype(float), start=theta)
        fitted.append(drawn)
    return np.concatenate(fitted)


def pair_table(answers: JudgedSets) -> list[PairCount]:
    """Return how often of two arms in one set the first was preferred, where the answer tells.

    The best is preferred to the three others, and each of these to the worst: five of the six pairs of a set.
    """
    n = len(answers.arms)
    won = np.zeros((n, n))
    for better, worse in ((0, 1), (0, 2), (0, 3), (1, 3), (2, 3)):
        np.add.at(won, (answers.sets[:, better], answers.sets[:, worse]), 1.0)
    table = []
    for i, j in zip(*pairs_of(n), strict=True):
        votes = int(won[i, j] + won[j, i])
        rate = float(won[i, j] / votes) if votes else None
        table.append(PairCount(first=answers.arms[i], second=answers.arms[j], votes=votes, win_rate=rate))
    return table


def _bounded(
    ranking: list[Standing], answers: JudgedSets, theta: Array, draws: Array, ranked: Places, spread: Spread
) -> dict[int, Standing]:
    """Add intervals, ranks and the top set to the arms that were shown."""
    drawn = draws[:, ranked]
    full = _covariance(answers, theta)[np.ix_(ranked, ranked)]
    compared = _differences(answers, theta, draws, ranked, spread)
    centred = drawn - drawn.mean(axis=1, keepdims=True)
    n = len(ranked)
    centring = np.eye(n) - 1 / n
    independent = np.sqrt(np.diag(centring @ full @ centring.T))
    half = spread.quantile() * np.maximum(spread.deviation(centred), independent)
    ranks, sole = rank_intervals(compared), sole_best(compared)
    bounded = {}
    for k, i in enumerate(ranked):
        standing = ranking[i]
        score = standing.score or 0.0
        preferred, beaten = _decided(answers, int(i))
        bounded[int(i)] = replace(
            standing,
            low=score - POINTS_PER_LOGIT * float(half[k]) if preferred else None,
            high=score + POINTS_PER_LOGIT * float(half[k]) if beaten else None,
            best_rank=int(ranks[k, 0]),
            worst_rank=int(ranks[k, 1]),
            top=bool(ranks[k, 0] == 1),
            alone=k == sole,
            precise_to=POINTS_PER_LOGIT * float(half[k]),
        )
    return bounded


def pairwise(answers: JudgedSets, theta: Array, draws: Array) -> Differences | None:
    """Compare all pairs of arms; None where there are too few effective raters, or an arm that met none of the others.

    Args:
        answers: the answers.
        theta: `(n,)` strengths, see `fit`.
        draws: `(B, n)` strengths of draws of raters, see `strengths`.
    """
    spread = Spread(raters=answers.raters, effective_raters=answers.effective_raters)
    everyone = np.arange(len(answers.arms))
    if not spread.known or [len(group) for group in answers.groups] != [len(everyone)]:
        return None
    return _differences(answers, theta, draws, everyone, spread)


def _differences(answers: JudgedSets, theta: Array, draws: Array, ranked: Places, spread: Spread) -> Differences:
    drawn = draws[:, ranked]
    full, halfway = (_covariance(answers, theta * share)[np.ix_(ranked, ranked)] for share in (1.0, 0.5))
    effect = float((spread.deviation(drawn) ** 2).mean() / np.diag(full).mean())
    return differences(theta[ranked], drawn, spread, least=least_deviations(full, halfway, design_effect=effect))


def _covariance(answers: JudgedSets, theta: Array) -> Array:
    """Return the covariance of the strengths for independent answers, `(n, n)`."""
    information = derivatives(theta, answers.sets, np.ones(len(answers.sets)))[1]
    return np.asarray(np.linalg.inv(information), dtype=np.float64)


def _decided(answers: JudgedSets, arm: int) -> tuple[bool, bool]:
    """Return whether an arm was ever preferred to another, and whether another was ever preferred to it."""
    best, worst = (bool((answers.sets[:, place] == arm).any()) for place in (0, -1))
    between = bool((answers.sets[:, 1:-1] == arm).any())
    return best or between, worst or between


def _choices(answers: JudgedSets, options: Places) -> tuple[Places, csr_array]:
    """Return the different sets among `options` `(V, k)`, and how often each rater chose from each of them."""
    sets, number = np.unique(np.sort(options, axis=1), axis=0, return_inverse=True)
    ones = np.ones(len(options))
    return sets, csr_array((ones, (answers.rater, number.ravel())), shape=(answers.raters, len(sets)))


def _drawn(
    theta: Array, net: Array, best: tuple[Places, Array], worst: tuple[Places, Array], inverse: Array
) -> tuple[Array, Places]:
    """Fit each row of `net` `(B, n)`, where `best` and `worst` hold the sets that were chosen from, and how often.

    Returns:
        `(B, n)` strengths, and the numbers of the rows that have not settled.
    """
    n, batch = len(theta), len(net)
    now, moving = np.tile(theta, (batch, 1)), np.arange(batch)
    sums = [np.eye(n)[sets].reshape(-1, n) for sets, _ in (best, worst)]  # of all places of all sets, by arm
    for _ in range(40):
        at = now[moving]
        slope = net[moving] + 1 - 2 * expit(at)
        for (sets, often), to_arms, sign in zip((best, worst), sums, (1, -1), strict=True):
            chances = np.exp(sign * at[:, sets] - (sign * at[:, sets]).max(axis=2, keepdims=True))
            chances *= (often[moving] / chances.sum(axis=2))[..., None]
            slope -= sign * (chances.reshape(len(moving), -1) @ to_arms)
        step = slope @ inverse
        longest = np.abs(step).max(axis=1)
        now[moving] += step * np.minimum(1, 1 / np.maximum(longest, 1))[:, None]
        moving = moving[longest >= _TOLERANCE]
        if not len(moving):
            break
    return now, moving


def _chances(of_set: Array) -> tuple[Array, Array]:
    """Return the chances to be chosen as the best, and of the three others as the worst, `(…, 4)`; strengths alike."""
    best = np.exp(of_set - of_set.max(axis=-1, keepdims=True))
    worst = np.exp(of_set.min(axis=-1, keepdims=True) - of_set)
    worst[..., 0] = 0.0
    return best / best.sum(axis=-1, keepdims=True), worst / worst.sum(axis=-1, keepdims=True)


def _log_sum(values: Array) -> Array:
    largest = values.max(axis=1)
    return np.asarray(largest + np.log(np.exp(values - largest[:, None]).sum(axis=1)))
