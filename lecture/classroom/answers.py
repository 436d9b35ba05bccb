"""What a class has answered so far: the share of each answer with its interval, and the mean of a number."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import scipy

from evaluation.qualitative.ranking.shares import share_interval

NORMAL = statistics.NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One answer: how many gave it, its share of all answers, and the ends of the share's 95 % interval."""

    option: str
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ClassMean:
    """The mean of the numbers that a class answered, with its 95 % interval."""

    mean: float
    low: float
    high: float


def bars(options: Sequence[str], counts: Mapping[str, int]) -> list[Bar]:
    """Return a bar for each option, with Wilson's interval: every phone answers once, so the answers are independent.

    Args:
        options: of the question.
        counts: how often each was given; others are left out.
    """
    total = sum(counts.get(option, 0) for option in options)
    return [_bar(option, counts.get(option, 0), total) for option in options]


def _bar(option: str, count: int, total: int) -> Bar:
    if not total:
        return Bar(option=option, count=0, share=0.0, low=0.0, high=1.0)
    share = count / total
    spread = math.sqrt(share * (1 - share) / total)
    low, high = share_interval(share, spread, votes=total, raters=total, quantile=NORMAL)
    return Bar(option=option, count=count, share=share, low=low, high=high)


def class_mean(counts: Mapping[str, int]) -> ClassMean | None:
    """Return the mean of answers that are numbers, or None while there are fewer than two.

    The interval is Student's; a class whose answers are all the same shows no spread, and so none is drawn.
    """
    numbers = [int(option) for option, count in counts.items() for _ in range(count)]
    if len(numbers) < 2:
        return None
    mean = statistics.fmean(numbers)
    half = float(scipy.stats.t.ppf(0.975, len(numbers) - 1)) * statistics.stdev(numbers) / math.sqrt(len(numbers))
    return ClassMean(mean=mean, low=mean - half, high=mean + half)
