"""Power: how often a study of so many raters finds the best arm, by simulation (Arnold et al., BMC MRM, 2011).

Each simulated study draws raters who differ, lets them answer the ballots that the study's pair rule gives them, and
analyses the votes as the results page does. It succeeds if the best arm ranks first alone: rank 1 for it and no other,
at 95 % for all ranks at once. Raters vote one after another, so one simulated study gives a look at every size.

The power at a size is the share of studies that succeed. The number of raters is read from the curve
`Φ(a + b √raters)`, fitted to the successes at all sizes: with independent raters a statistic grows with the root of
their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.sparse import csr_array

from evaluation.qualitative.planning.design import Assumptions, PairDesign, PlanError
from evaluation.qualitative.ranking.pairing import top_two
from evaluation.qualitative.ranking.ranking import standings
from evaluation.qualitative.ranking.simulation import Raters, draw_raters
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, Tally, pairs_of

Array = NDArray[np.float64]

MOST_RATERS = 1_000
FEWEST_RATERS = 4
SIZES = 7  # on the curve
RESAMPLES = 100  # draws of raters in each analysis: enough for a simulated study, which is one of many
_SCOUTS = 8  # studies of each size, to find where the curve rises
_SURE = 0.9  # power at which the curve may end


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """The power at one size.

    Attributes:
        raters: how many take part.
        votes: how many they cast.
        studies: how many were simulated.
        successes: how many of them found the best arm.
        half_width: half of the widest score interval, in points, median of the studies; None without intervals.
    """

    raters: int
    votes: int
    studies: int
    successes: int
    half_width: float | None

    @property
    def power(self) -> float:
        """Share of the studies that found the best arm."""
        return self.successes / self.studies

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the power for this number of simulations (Wilson)."""
        interval = stats.binomtest(self.successes, self.studies).proportion_ci(method="wilson")
        return float(interval.low), float(interval.high)


@dataclass(frozen=True, kw_only=True)
class SampleSize:
    """What the simulations show so far.

    Attributes:
        done: simulated studies of `total`.
        total: how many there will be.
        wanted: the power that is wanted, 0 … 1.
        points: the power at several sizes, smallest first; none while the right sizes are searched for.
        raters: how many are needed; None if more than allowed, or while that is not known.
        votes: how many votes these cast.
        beyond: the largest size allowed, if its power is still too low.
    """

    done: int
    total: int
    wanted: float
    points: tuple[CurvePoint, ...] = ()
    raters: int | None = None
    votes: int | None = None
    beyond: int | None = None


def plan(
    design: PairDesign,
    assumptions: Assumptions,
    *,
    power: float = 0.8,
    simulations: int = 200,
    most_raters: int = MOST_RATERS,
    seconds: float | None = None,
    seed: int = 0,
) -> Iterator[SampleSize]:
    """Simulate studies, and yield what they show after each; the last plan is the best.

    Args:
        design: how ballots are drawn.
        assumptions: how arms and raters differ.
        power: the wanted share of studies that find the best arm, 0.5 … 0.99.
        simulations: how many studies, 20 or more; 200 give a standard error of 0.03.
        most_raters: no study is larger.
        seconds: end after this time, with fewer simulations; None: never.
        seed: of all random numbers.

    Raises:
        PlanError: a number is outside its range.
    """
    if not 0.5 <= power <= 0.99:
        raise PlanError(f"the power should be 0.5 to 0.99, got {power:g}")
    if not 20 <= simulations <= 10_000:
        raise PlanError(f"simulations should be 20 to 10,000, got {simulations:,}")
    if most_raters < 2 * FEWEST_RATERS:
        raise PlanError(f"at least {2 * FEWEST_RATERS} raters should be allowed, got {most_raters}")
    end = None if seconds is None else monotonic() + seconds
    study = _Simulated(design, assumptions, seed)
    smallest, largest, share = FEWEST_RATERS, FEWEST_RATERS, 0.0
    yield SampleSize(done=0, total=simulations, wanted=power)
    while largest < most_raters and share < max(power, _SURE):
        largest = min(2 * largest, most_raters)
        looks = [study.looks(number, [largest])[0] for number in range(_SCOUTS)]
        share = sum(look.success for look in looks) / _SCOUTS
        smallest = largest if share <= 0.1 else smallest
        yield SampleSize(done=0, total=simulations, wanted=power)
        if end is not None and monotonic() > end:
            break
    largest = min(round(1.25 * largest), most_raters)  # eight studies may all succeed by luck
    smallest = min(smallest, largest // 2)
    sizes = sorted({round(size) for size in np.geomspace(max(smallest, FEWEST_RATERS), largest, SIZES)})
    simulated: list[list[_Look]] = []
    for number in range(simulations):
        simulated.append(study.looks(_SCOUTS + number, sizes))
        yield _summed(design, sizes, simulated, total=simulations, wanted=power, most=most_raters)
        if end is not None and monotonic() > end and number >= 9:
            break
    yield _summed(design, sizes, simulated, total=len(simulated), wanted=power, most=most_raters)


@dataclass(frozen=True, kw_only=True)
class _Look:
    """Whether a study of some size found the best arm, and its widest interval in points."""

    success: bool
    half_width: float | None


class _Simulated:
    """Studies of one design whose first arm is the best."""

    def __init__(self, design: PairDesign, assumptions: Assumptions, seed: int) -> None:
        arms = design.arms if assumptions.strengths is None else len(assumptions.strengths)
        self._design, self._lapses, self._seed = design, assumptions.lapses, seed
        self._population = assumptions.population(arms)

    def looks(self, number: int, sizes: list[int]) -> list[_Look]:
        """Simulate study `number`, and analyse the votes of its first raters, at each of the sizes, rising."""
        rng = np.random.default_rng([self._seed, number])
        people = draw_raters(self._population, count=sizes[-1], rng=rng)
        counts = self._votes(people, rng)
        names = self._population.arms
        return [_look(Tally(arms=names, by_rater=csr_array(counts[:size])), number) for size in sizes]

    def _votes(self, people: Raters, rng: np.random.Generator) -> Array:
        """Let raters answer one after another; return the answers as in `Tally.by_rater`, `(raters, n·n·3)`."""
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
            lapsed = rng.random(len(pair)) < self._lapses
            outcome = np.where(lapsed, np.where(rng.random(len(pair)) < 0.5, LEFT, RIGHT), outcome)
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


def _look(tally: Tally, seed: int) -> _Look:
    ranking = standings(tally, resamples=RESAMPLES, seed=seed)
    top = [standing.arm for standing in ranking if standing.top]
    widths = [(arm.high - arm.low) / 2 for arm in ranking if arm.high is not None and arm.low is not None]
    return _Look(success=top == [tally.arms[0]], half_width=max(widths, default=None))


def _summed(
    design: PairDesign, sizes: list[int], simulated: list[list[_Look]], *, total: int, wanted: float, most: int
) -> SampleSize:
    points = []
    for size, looks in zip(sizes, zip(*simulated, strict=True), strict=True):
        widths = [look.half_width for look in looks if look.half_width is not None]
        points.append(
            CurvePoint(
                raters=size,
                votes=size * design.per_rater,
                studies=len(looks),
                successes=sum(look.success for look in looks),
                half_width=float(np.median(widths)) if widths else None,
            )
        )
    raters = _needed(points, wanted)
    enough = raters is not None and raters <= most
    return SampleSize(
        done=len(simulated),
        total=total,
        wanted=wanted,
        points=tuple(points),
        raters=raters if enough else None,
        votes=raters * design.per_rater if enough and raters is not None else None,
        beyond=None if enough else most,
    )


def _needed(points: list[CurvePoint], wanted: float) -> int | None:
    """Return at how many raters the fitted curve reaches the wanted power; None if it never rises to it."""
    studies = np.array([point.studies for point in points], dtype=float)
    successes = np.array([point.successes for point in points], dtype=float)
    root = np.sqrt([point.raters for point in points])
    design = np.stack([np.ones(len(root)), root], axis=1)
    chance = (successes + 0.5) / (studies + 1)
    fitted = np.linalg.lstsq(design, stats.norm.ppf(chance), rcond=None)[0]
    for _ in range(25):  # Fisher scoring of the probit model
        score = np.clip(design @ fitted, -6, 6)
        mean, density = stats.norm.cdf(score), stats.norm.pdf(score)
        weight = (studies + 1) * density**2 / (mean * (1 - mean))
        working = score + (chance - mean) / density
        fitted = np.linalg.solve((design.T * weight) @ design, (design.T * weight) @ working)
    if fitted[1] <= 0:
        return None
    reached = (stats.norm.ppf(wanted) - fitted[0]) / fitted[1]
    raters = max(ceil(reached**2), FEWEST_RATERS) if reached > 0 else FEWEST_RATERS
    rising = any(later.power > earlier.power for earlier, later in pairwise(points))
    return raters if rising or points[0].power >= wanted else None
