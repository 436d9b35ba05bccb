"""Simulated raters who choose the best and the worst of four pictures, with a known truth.

A rater with the view `v` of the arms chooses after Marley & Louviere (2005), as `ranking/best_worst.py` explains: the
best of a set with chances as `exp v`, then the worst of the others with chances as `exp -v`. Of the twelve answers to a
set a lapse is any one, as likely as the others.

The published strengths of very many such raters are not the population's: raters who differ are, taken together, less
decided. `truth` fits the model to the chances of a large sample of raters.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, permutations
from math import comb

import numpy as np
from numpy.typing import NDArray

from evaluation.qualitative.ranking.best_worst import JudgedSets, fit
from evaluation.qualitative.ranking.simulation import Population, Raters

Array = NDArray[np.float64]
Places = NDArray[np.intp]

FOUR = 4
ANSWERS = np.array([(best, worst) for best, worst in permutations(range(FOUR), 2)])  # (12, 2) places
_MOST_SETS = 400  # that the truth rests on; of more, a sample stands for all
_TASTES = 256  # views of a set that its chances are averaged over


def draw_sets(raters: int, arms: int, per_rater: int, rng: np.random.Generator) -> Places:
    """Draw the sets that each rater sees, as the app does: the arms seen least, chance decides between equals.

    Returns:
        `(raters, per_rater, 4)` numbers of arms.
    """
    sets = np.empty((raters, per_rater, FOUR), dtype=np.intp)
    times = np.zeros((raters, arms))
    for ballot in range(per_rater):
        order = np.argsort(times + rng.random(times.shape), axis=1)[:, :FOUR]
        sets[:, ballot] = order
        np.put_along_axis(times, order, np.take_along_axis(times, order, axis=1) + 1, axis=1)
    return sets


def answer(raters: Raters, sets: Places, rng: np.random.Generator) -> Places:
    """Let raters answer.

    Args:
        raters: who they are.
        sets: `(raters, ballots, 4)` numbers of arms.
        rng: source of chance.

    Returns:
        The sets, the best first and the worst last.
    """
    views = raters.views[np.arange(len(sets))[:, None, None], sets]
    best = (views + rng.gumbel(size=views.shape)).argmax(axis=2)[..., None]
    against = rng.gumbel(size=views.shape) - views  # the largest of such sums is chosen as a softmax would
    np.put_along_axis(against, best, -np.inf, axis=2)
    worst = against.argmax(axis=2)[..., None]
    random = ANSWERS[rng.integers(len(ANSWERS), size=sets.shape[:2])]
    lapsed = (rng.random(sets.shape[:2]) < raters.lapses)[..., None]
    best, worst = np.where(lapsed, random[..., :1], best), np.where(lapsed, random[..., 1:], worst)
    order = np.tile(np.arange(FOUR), (*sets.shape[:2], 1))
    np.put_along_axis(order, best, -1, axis=2)
    np.put_along_axis(order, worst, FOUR, axis=2)
    return np.take_along_axis(sets, np.argsort(order, axis=2), axis=2)


def judged(arms: tuple[str, ...], answers: Places) -> JudgedSets:
    """Return answers `(raters, ballots, 4)` for the analysis."""
    raters, ballots, _ = answers.shape
    return JudgedSets(
        arms=arms, sets=answers.reshape(-1, FOUR), rater=np.repeat(np.arange(raters), ballots), raters=raters
    )


def chances(views: Array) -> Array:
    """Return the chances `(…, 12)` of all `ANSWERS` for views `(…, 4)` of the arms of a set, without lapses."""
    best = np.exp(views - views.max(axis=-1, keepdims=True))
    best /= best.sum(axis=-1, keepdims=True)
    worst = np.exp(views.min(axis=-1, keepdims=True) - views)
    first, last = ANSWERS.T
    others = np.maximum(worst @ (1 - np.eye(FOUR)), 1e-300)
    return np.asarray(best[..., first] * worst[..., last] / others[..., first])


def truth(population: Population) -> Array:
    """Return the best-worst strengths of infinitely many attentive raters who judge all sets equally often.

    Returns:
        `(n,)` strengths; their mean is 0.
    """
    theta = np.array(population.strengths)
    sets = _sets(len(theta))
    views = theta[sets][:, None] + population.taste * _tastes()
    share = chances(views).mean(axis=1)  # (sets, 12)
    places = np.array([[best, *sorted({0, 1, 2, 3} - {best, worst}), worst] for best, worst in ANSWERS])
    answers = JudgedSets(
        arms=population.arms,
        sets=sets[:, places].reshape(-1, FOUR),
        rater=np.zeros(12 * len(sets), dtype=np.intp),
        raters=1,
    )
    many = 1e6  # answers to a set: the prior of the fit weighs nothing
    fitted = fit(answers, weights=many * share.ravel())
    return np.asarray(fitted - fitted.mean())


@lru_cache(maxsize=8)
def _sets(n: int) -> Places:
    """All sets of four of `n` arms, or a sample in which each arm is about as often."""
    if comb(n, FOUR) <= _MOST_SETS:
        return np.array(list(combinations(range(n), FOUR)), dtype=np.intp)
    return draw_sets(1, n, _MOST_SETS, np.random.default_rng(0))[0]


@lru_cache(maxsize=1)
def _tastes() -> Array:
    """Standard normal tastes `(_TASTES, 4)`, always the same; each comes with its opposite, so their mean is 0."""
    half = np.random.default_rng(0).normal(size=(_TASTES // 2, FOUR))
    half /= half.std(axis=0)
    return np.concatenate([half, -half])
