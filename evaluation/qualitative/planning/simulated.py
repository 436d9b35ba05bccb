"""Simulated studies of one design: raters are drawn, answer the ballots that the app would give them, and are ranked.

Raters vote one after another, so one simulated study gives a look at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.planning import four
from evaluation.qualitative.planning.design import Assumptions, BallotDesign
from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.pairing import top_two
from evaluation.qualitative.ranking.ranking import Standing, standings
from evaluation.qualitative.ranking.simulation import Raters, draw_raters
from evaluation.qualitative.ranking.tally import Tally, pairs_of

Array = NDArray[np.float64]

RESAMPLES = 100  # draws of raters in each analysis: enough for a simulated study, which is one of many


@dataclass(frozen=True, kw_only=True)
class StudyOutcome:
    """Whether a study of some size found the best arm, and its widest interval with two ends, in points."""

    success: bool
    half_width: float | None


class Simulated:
    """Studies of one design whose first arm is the best."""

    def __init__(self, design: BallotDesign, assumptions: Assumptions, seed: int) -> None:
        """Take the design, how arms and raters differ, and the seed of all random numbers."""
        arms = design.arms if assumptions.strengths is None else len(assumptions.strengths)
        self._design, self._seed = design, seed
        self.population = replace(
            assumptions.population(arms, pictures=design.pictures), lapses=assumptions.lapses
        )  # the wanted difference is that of attentive raters

    def looks(self, number: int, sizes: list[int]) -> list[StudyOutcome]:
        """Simulate study `number`, and analyse the votes of its first raters, at each of the sizes, rising."""
        rng = np.random.default_rng([self._seed, number])
        people = draw_raters(self.population, count=sizes[-1], rng=rng)
        if self._design.pictures == four.FOUR:
            sets = four.draw_sets(sizes[-1], len(self.population.arms), self._design.per_rater, rng)
            answers = four.answer(people, sets, rng)
            rankings = [self._ranked(answers[:size], number) for size in sizes]
        else:
            counts = self.votes(people, rng)
            tallies = (Tally(arms=self.population.arms, by_rater=csr_array(counts[:size])) for size in sizes)
            rankings = [standings(tally, resamples=RESAMPLES, seed=number) for tally in tallies]
        return [_look(ranking, best=self.population.arms[0]) for ranking in rankings]

    def _ranked(self, answers: NDArray[np.intp], seed: int) -> list[Standing]:
        return best_worst.standings(four.judged(self.population.arms, answers), resamples=RESAMPLES, seed=seed)

    def votes(self, people: Raters, rng: np.random.Generator) -> Array:
        """Let raters judge pairs one after another; return the answers as in `Tally.by_rater`, `(raters, n·n·3)`."""
        raters, n = people.views.shape
        first, second = pairs_of(n)
        counts = np.zeros((raters, n * n * 3))
        so_far = np.zeros(n * n * 3)
        even = np.full(len(first), 1 / len(first))
        for rater in range(raters):
            chances = even
            if self._design.floor < 1 and n > 2:
                rule = top_two(so_far.reshape(n, n, 3))
                chances = self._design.floor * even + (1 - self._design.floor) * rule
            pair, swapped = self._ballots(chances, rng)
            left, right = np.where(swapped, second[pair], first[pair]), np.where(swapped, first[pair], second[pair])
            outcome = people.answer(rng, np.full(len(pair), rater), left, right)
            np.add.at(counts[rater], (left * n + right) * 3 + outcome, 1)
            so_far += counts[rater]
        return counts

    def _ballots(self, chances: Array, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Draw one rater's pairs and sides as the app does: each pair once before any comes again, sides in turn."""
        pairs = len(chances)
        rounds, rest = divmod(self._design.per_rater, pairs)
        drawn = [rng.permutation(pairs) for _ in range(rounds)]
        drawn.append(rng.choice(pairs, size=rest, replace=False, p=chances / chances.sum()))
        pair = np.concatenate(drawn)
        earlier = np.zeros(len(pair), dtype=np.intp)  # how often the rater saw the pair before
        for number, block in enumerate(drawn):
            earlier[sum(map(len, drawn[:number])) :][: len(block)] = number
        turned = rng.integers(2, size=pairs)
        return pair, (turned[pair] + earlier) % 2 == 1


def _look(ranking: Sequence[Standing], *, best: str) -> StudyOutcome:
    top = [standing.arm for standing in ranking if standing.top]
    widths = [(arm.high - arm.low) / 2 for arm in ranking if arm.high is not None and arm.low is not None]
    return StudyOutcome(success=top == [best], half_width=max(widths, default=None))
