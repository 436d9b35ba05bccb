"""Power: how often a study of so many raters finds the best arm, by simulation (Arnold et al., BMC MRM, 2011).

Each simulated study draws raters who differ, lets them answer the ballots that the app would give them, and analyses
the votes as the results page does (`simulated.py`). It succeeds if the best arm ranks first alone: rank 1 for it and no
other, at 95 % for all ranks at once.

The power at a size is the share of studies that succeed. The number of raters is read from the curve
`Φ(a + b √raters)`, fitted to the successes at all sizes: with independent raters a statistic grows with the root of
their number. Where the time ends early it may lie beyond the largest size that was simulated; `caveat` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from time import monotonic

import numpy as np
import scipy

from evaluation.qualitative.planning.design import Assumptions, BallotDesign, PlanError
from evaluation.qualitative.planning.simulated import Simulated, StudyOutcome

MOST_RATERS = 1_000
FEWEST_RATERS = 4
SIZES = 7  # on the curve
_SCOUTS = 8  # studies of each size, to find where the curve rises
_FEWEST = 10  # studies, however little time there is
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
        interval = scipy.stats.binomtest(self.successes, self.studies).proportion_ci(method="wilson")
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
        beyond: how many raters are not enough: all that are allowed, or, without a rising curve, the largest size.
    """

    done: int
    total: int
    wanted: float
    points: tuple[CurvePoint, ...] = ()
    raters: int | None = None
    votes: int | None = None
    beyond: int | None = None

    @property
    def caveat(self) -> str:
        """A sentence where the answer lies beyond the largest simulated size; empty where it does not."""
        answer = self.raters or self.beyond
        if answer is None or not self.points or answer <= self.points[-1].raters:
            return ""
        return (
            f"No study of that size was simulated: the largest had {self.points[-1].raters:,} raters. The number "
            "continues the curve beyond it and is a rough guess."
        )


def plan(
    design: BallotDesign,
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
    begun = monotonic()
    study = Simulated(design, assumptions, seed)
    smallest, largest, share = FEWEST_RATERS, FEWEST_RATERS, 0.0
    searching = SampleSize(done=0, total=simulations, wanted=power)
    yield searching
    while largest < most_raters and share < max(power, _SURE):
        largest = min(2 * largest, most_raters)
        successes = 0
        for number in range(_SCOUTS):
            successes += study.looks(number, [largest])[0].success
            yield searching
        share = successes / _SCOUTS
        smallest = largest if share <= 0.1 else smallest
        if seconds is not None and monotonic() > begun + seconds / 2:
            break
    largest = min(round(1.25 * largest), most_raters)  # eight studies may all succeed by luck
    smallest = min(smallest, largest // 2)
    sizes = sorted({round(size) for size in np.geomspace(max(smallest, FEWEST_RATERS), largest, SIZES)})
    simulated: list[list[StudyOutcome]] = []
    for number in range(simulations):
        simulated.append(study.looks(_SCOUTS + number, sizes))
        yield _summed(design, sizes, simulated, total=simulations, wanted=power, most=most_raters)
        if seconds is not None and monotonic() > begun + seconds and number >= _FEWEST - 1:
            break
    yield _summed(design, sizes, simulated, total=len(simulated), wanted=power, most=most_raters)


def _summed(
    design: BallotDesign, sizes: list[int], simulated: list[list[StudyOutcome]], *, total: int, wanted: float, most: int
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
        beyond=None if enough else most if raters is not None else sizes[-1],
    )


def _needed(points: list[CurvePoint], wanted: float) -> int | None:
    """Return at how many raters the fitted curve reaches the wanted power; None if it never rises to it."""
    studies = np.array([point.studies for point in points], dtype=float)
    successes = np.array([point.successes for point in points], dtype=float)
    root = np.sqrt([point.raters for point in points])
    design = np.stack([np.ones(len(root)), root], axis=1)
    chance = (successes + 0.5) / (studies + 1)
    fitted = np.linalg.lstsq(design, scipy.stats.norm.ppf(chance), rcond=None)[0]
    for _ in range(25):  # Fisher scoring of the probit model
        score = np.clip(design @ fitted, -6, 6)
        mean, density = scipy.stats.norm.cdf(score), scipy.stats.norm.pdf(score)
        weight = (studies + 1) * density**2 / (mean * (1 - mean))
        working = score + (chance - mean) / density
        fitted = np.linalg.solve((design.T * weight) @ design, (design.T * weight) @ working)
    if fitted[1] <= 0:
        return None
    reached = (scipy.stats.norm.ppf(wanted) - fitted[0]) / fitted[1]
    raters = max(ceil(reached**2), FEWEST_RATERS) if reached > 0 else FEWEST_RATERS
    rising = any(later.power > earlier.power for earlier, later in pairwise(points))
    return raters if rising or points[0].power >= wanted else None
