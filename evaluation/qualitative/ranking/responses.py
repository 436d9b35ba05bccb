"""Counts of a study's votes: how many count and why others do not, win rates, response times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.qualitative.ranking.bradley_terry import pair_counts
from evaluation.qualitative.ranking.tally import Tally, pairs_of

RATING = "rating"
INFORMING = frozenset({"shared_address"})  # flags that exclude no vote: a class or a proxy has one address for many


@dataclass(frozen=True, kw_only=True)
class Sifted:
    """A study's votes, by whether they count.

    Attributes:
        counted: the votes that the analysis rests on.
        rating: those that would count if no flag excluded any.
        excluded: how many votes flags exclude.
        by_reason: how many of them for each reason; a vote with two reasons is under both.
        informing: how many votes bear each flag that excludes nothing.
        checks: votes that were never meant to count, by their purpose: training, attention, gold.
    """

    counted: pd.DataFrame
    rating: pd.DataFrame
    excluded: int
    by_reason: dict[str, int]
    informing: dict[str, int]
    checks: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class ResponseTimes:
    """How long raters took, in ms, from the pictures being shown to the answer.

    Attributes:
        measured: how many votes have a time.
        median: of them; None without any, and so are the quartiles and the 5th and 95th percentiles.
        quartiles: first and third.
        extremes: 5th and 95th percentile.
    """

    measured: int
    median: float | None
    quartiles: tuple[float, float] | None
    extremes: tuple[float, float] | None


@dataclass(frozen=True, kw_only=True)
class PairCount:
    """How two arms did against each other.

    Attributes:
        first: an arm, before `second` in the order of the study.
        second: the other.
        votes: how often a rater judged them.
        win_rate: of the first over the second, ties half; None without votes.
    """

    first: str
    second: str
    votes: int
    win_rate: float | None


def sift(votes: pd.DataFrame, *, include_flagged: bool = False) -> Sifted:
    """Separate the votes that count from the others. Nothing is deleted.

    Args:
        votes: columns `purpose` and `flags` (reasons, with commas between them) where there are any.
        include_flagged: count flagged votes too.
    """
    purpose = votes["purpose"].fillna(RATING) if "purpose" in votes else pd.Series(RATING, index=votes.index)
    rating = votes[purpose == RATING]
    flags = rating["flags"].fillna("").astype(str) if "flags" in rating else pd.Series("", index=rating.index)
    flagged = flags.map(_excludes).astype(bool)
    reasons = flags.str.split(",").explode().str.strip()
    reasons = reasons[reasons != ""]
    informs = reasons.isin(INFORMING)
    return Sifted(
        counted=rating if include_flagged else rating[~flagged],
        rating=rating,
        excluded=0 if include_flagged else int(flagged.sum()),
        by_reason={str(reason): int(often) for reason, often in reasons[~informs].value_counts().items()},
        informing={str(reason): int(often) for reason, often in reasons[informs].value_counts().items()},
        checks={str(kind): int(often) for kind, often in purpose[purpose != RATING].value_counts().items()},
    )


def _excludes(flags: str) -> bool:
    """Return whether one of a vote's flags, with commas between them, excludes it."""
    return bool({flag.strip() for flag in flags.split(",")} - INFORMING - {""})


def response_times(votes: pd.DataFrame) -> ResponseTimes:
    """Sum up the column `response_ms`, which may be missing, or missing values."""
    times = (
        votes["response_ms"].dropna().to_numpy(dtype=float) if "response_ms" in votes else np.empty(0, dtype=np.float64)
    )
    if not len(times):
        return ResponseTimes(measured=0, median=None, quartiles=None, extremes=None)
    five, first, median, third, ninety_five = (float(x) for x in np.percentile(times, [5, 25, 50, 75, 95]))
    return ResponseTimes(measured=len(times), median=median, quartiles=(first, third), extremes=(five, ninety_five))


def pair_table(tally: Tally) -> list[PairCount]:
    """Return how every two arms did against each other."""
    wins, judged = pair_counts(tally.total[None])
    return [
        PairCount(
            first=tally.arms[i], second=tally.arms[j], votes=int(votes), win_rate=float(won / votes) if votes else None
        )
        for i, j, won, votes in zip(*pairs_of(len(tally.arms)), wins[0], judged[0], strict=True)
    ]


def win_rates(pairs: Sequence[PairCount], arms: Sequence[str]) -> NDArray[np.float64]:
    """Return the share of votes that the arm of the row won against that of the column; NaN where they never met.

    Returns:
        `(n, n)` in the order of `arms`.
    """
    numbers = {arm: i for i, arm in enumerate(arms)}
    rates = np.full((len(arms), len(arms)), np.nan)
    for pair in pairs:
        if pair.win_rate is not None and pair.first in numbers and pair.second in numbers:
            i, j = numbers[pair.first], numbers[pair.second]
            rates[i, j], rates[j, i] = pair.win_rate, 1 - pair.win_rate
    return rates
