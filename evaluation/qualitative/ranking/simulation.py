"""Simulated raters with a known truth, to test intervals and the pair rule before real raters vote.

Rater `r` sees arm `i` as `s_r (θ_i + u_ri)` with an individual taste, `u_ri ~ N(0, taste²)`, and a skill,
`log s_r ~ N(0, skill_spread²)`, leans to the left picture by `δ_r ~ N(side, side_spread²)`, and answers after Davidson
(1970): with `d = s_r (θ_i + u_ri - θ_j - u_rj) + δ_r` the chances of left, right and tie are as `exp(d/2)`, `exp(-d/2)`
and `ν`. A share `lapses` of the answers is left or right by chance. So the votes of one rater depend on each other, as
people's do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ranking import bradley_terry
from evaluation.qualitative.ranking.pairing import top_two
from evaluation.qualitative.ranking.tally import LEFT, TIE, Tally, pairs_of

Array = NDArray[np.float64]

CHOICES = np.array(["left", "right", "tie"])


@dataclass(frozen=True, kw_only=True)
class Population:
    """The population that raters are drawn from.

    Attributes:
        strengths: θ of the arms, in natural logarithms of odds.
        ties: ν; against an equal arm, 2 and ν are the odds of a decision to a tie.
        taste: standard deviation of a rater's own view of an arm.
        side: how much raters lean to the left on average, and `side_spread` how much they differ in it.
        side_spread: see `side`.
        skill_spread: how much the logarithms of skills differ.
        lapses: share of the answers that are given without a look.
    """

    strengths: tuple[float, ...]
    ties: float = 0.5
    taste: float = 0.6
    side: float = 0.1
    side_spread: float = 0.3
    skill_spread: float = 0.0
    lapses: float = 0.0

    @property
    def arms(self) -> tuple[str, ...]:
        """Ids of the arms."""
        return tuple(f"arm-{i}" for i in range(len(self.strengths)))


@dataclass(frozen=True, kw_only=True)
class Raters:
    """People drawn from a population.

    Attributes:
        views: `(raters, n)`, strength of each arm in each rater's eyes.
        sides: `(raters,)`, how much each leans to the left.
        ties: ν.
        lapses: share of the answers that are given without a look.
    """

    views: Array
    sides: Array
    ties: float
    lapses: float = 0.0

    def answer(
        self, rng: np.random.Generator, rater: NDArray[np.intp], left: NDArray[np.intp], right: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the outcome of each ballot: 0 left, 1 right, 2 tie."""
        lead = self.views[rater, left] - self.views[rater, right] + self.sides[rater]
        chances = _chances(lead, self.ties, self.lapses)
        return (rng.random(len(rater))[:, None] > chances.cumsum(axis=1)[:, :2]).sum(axis=1)


def draw_raters(population: Population, *, count: int, rng: np.random.Generator) -> Raters:
    """Draw raters from a population."""
    theta = np.array(population.strengths)
    views = theta + rng.normal(scale=population.taste, size=(count, len(theta)))
    if population.skill_spread:
        views *= np.exp(rng.normal(scale=population.skill_spread, size=(count, 1)))
    return Raters(
        views=views,
        sides=rng.normal(population.side, population.side_spread, size=count),
        ties=population.ties,
        lapses=population.lapses,
    )


def vote(raters: Raters, *, per_rater: NDArray[np.intp] | int, rng: np.random.Generator) -> pd.DataFrame:
    """Let every rater judge pairs drawn evenly, either side as likely.

    Args:
        raters: who votes.
        per_rater: how many votes each casts, one number or one for each rater.
        rng: source of chance.

    Returns:
        Columns `rater`, `left`, `right`, `choice`.
    """
    count, n = raters.views.shape
    rater = np.repeat(np.arange(count), per_rater)
    left, right = _even_pairs(n, len(rater), rng)
    outcome = raters.answer(rng, rater, left, right)
    names = np.array([f"arm-{i}" for i in range(n)])
    return pd.DataFrame(
        {"rater": rater.astype(str), "left": names[left], "right": names[right], "choice": CHOICES[outcome]}
    )


def even_tally(raters: Raters, *, per_rater: NDArray[np.intp] | int, rng: np.random.Generator) -> Tally:
    """Simulate the same votes as `vote`, as counts instead of a table."""
    count, n = raters.views.shape
    rater = np.repeat(np.arange(count), per_rater)
    left, right = _even_pairs(n, len(rater), rng)
    cells = (left * n + right) * 3 + raters.answer(rng, rater, left, right)
    by_rater = csr_array((np.ones(len(cells)), (rater, cells)), shape=(count, n * n * 3))
    return Tally(arms=tuple(f"arm-{i}" for i in range(n)), by_rater=by_rater)


def rounds(raters: Raters, *, floor: float, rng: np.random.Generator, refresh: int = 20) -> Iterator[Tally]:
    """Let raters judge pairs drawn by the pair rule, one vote each in every round, in a new order, without end.

    Args:
        raters: who votes.
        floor: of the pair rule; with 1 pairs are drawn evenly.
        rng: source of chance.
        refresh: after how many votes the rule looks at the votes again.

    Yields:
        All votes so far, after each round.
    """
    count, n = raters.views.shape
    first, second = pairs_of(n)
    by_rater = np.zeros((count, n * n * 3))
    even = np.full(len(first), 1 / len(first))
    while True:
        order = rng.permutation(count)
        for rater in (order[start : start + refresh] for start in range(0, count, refresh)):
            chances = even
            if floor < 1:
                chances = floor * even + (1 - floor) * top_two(by_rater.sum(axis=0).reshape(n, n, 3))
            pair = np.searchsorted(chances.cumsum()[:-1], rng.random(len(rater)), side="right")
            swapped = rng.random(len(rater)) < 0.5
            left, right = np.where(swapped, second[pair], first[pair]), np.where(swapped, first[pair], second[pair])
            by_rater[rater, (left * n + right) * 3 + raters.answer(rng, rater, left, right)] += 1
        yield Tally(arms=tuple(f"arm-{i}" for i in range(n)), by_rater=csr_array(by_rater))


def truth(population: Population) -> Array:
    """Return the Bradley-Terry strengths of infinitely many raters who judge every pair equally often.

    Raters who differ are, taken together, less decided than each of them: so this is not θ, but the strengths that fit
    the population's chances best. The chances are integrated over raters by Gauss-Hermite quadrature.

    Returns:
        `(n,)` strengths on the scale of the scores: 0 is an arm that would win half its ballots against all these.
    """
    theta = np.array(population.strengths)
    first, second = pairs_of(len(theta))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    skills = zip(np.exp(population.skill_spread * nodes), weights, strict=True) if population.skill_spread else [(1, 1)]
    won, whole = np.zeros(len(first)), 0.0
    for skill, share in skills:
        spread = np.sqrt(2 * (skill * population.taste) ** 2 + population.side_spread**2)
        lead = skill * (theta[first] - theta[second])[:, None] + spread * nodes
        for lean in (population.side, -population.side):  # the first arm on the left, and on the right
            chances = _chances(lead + lean, population.ties, population.lapses)
            won += share * (chances[..., LEFT] + chances[..., TIE] / 2) @ weights / weights.sum() / 2
        whole += share
    won /= whole
    return bradley_terry.fit(won[None], np.ones((1, len(first))), n=len(theta), prior=1e-6)[0]


def _chances(lead: Array, ties: float, lapses: float) -> Array:
    """Davidson's chances of left, right and tie, `(..., 3)`, of which a share goes to left and right by chance."""
    lead = np.clip(lead, -700, 700)  # beyond, nobody chooses the weaker arm
    weights = np.stack([np.exp(lead / 2), np.exp(-lead / 2), np.full_like(lead, ties)], axis=-1)
    return lapses * np.array([0.5, 0.5, 0.0]) + (1 - lapses) * weights / weights.sum(axis=-1, keepdims=True)


def _even_pairs(n: int, count: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    left = rng.integers(n, size=count)
    return left, (left + rng.integers(1, n, size=count)) % n
