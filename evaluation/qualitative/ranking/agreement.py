"""Agreement of raters with each other: Krippendorff's alpha; and how often the left picture wins.

Alpha is `1 - D_o / D_e`, observed over expected disagreement: 1 where raters always agree, 0 where they agree no more
often than by chance (Krippendorff, 'Content Analysis', 2018). A unit is one item with one unordered pair of arms (in
real-or-fake studies one item of one arm) that two raters or more judged.

The answer to a pair is coded as first, second or tie, after a fixed order of its arms, so the side of a picture does
not matter. The names of the arms must not matter either: coded by the winner's name, two answers to different pairs
seldom coincide, the expected disagreement comes out too large, and coin flips score up to 0.5. Which arm is called the
first is arbitrary, so every unit enters the expected disagreement twice, as it is and with first and second exchanged:
by chance either arm of a pair wins equally often.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ranking.bootstrap import RESAMPLES, resampled
from evaluation.qualitative.ranking.intervals import Spread
from evaluation.qualitative.ranking.shares import share_interval
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, Tally

_TIES = ("tie", "both_bad")
_VALUES = ("left", "right", *_TIES, "real", "fake", "not_sure")
_FIRST, _SECOND = "first", "second"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha for nominal values.

    Attributes:
        alpha: 1 is perfect, 0 is chance; None where no unit has two raters, or where all answers are the same.
        low: lower end of its 95 % interval, from draws of units; None where there is no alpha, or only one unit.
        high: upper end of the interval.
        units: how many units two raters or more judged.
        judgements: answers to them.
    """

    alpha: float | None
    low: float | None = None
    high: float | None = None
    units: int
    judgements: int


@dataclass(frozen=True, kw_only=True)
class SideBias:
    """How often the left picture won, among decided pairs.

    Attributes:
        left: share 0 … 1; None where nothing was decided.
        low: lower end of its 95 % interval; None with fewer than two effective raters.
        high: upper end of the interval.
        decided: how many votes had a winner.
    """

    left: float | None
    low: float | None
    high: float | None
    decided: int


def agreement(votes: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = 0) -> Agreement:
    """Compute alpha over all units that several raters judged; a rater's first answer to a unit counts.

    Args:
        votes: columns `rater`, `item`, `left`, `right` and `choice`, oldest first; without `item` there is no unit.
        resamples: how many draws of units the interval rests on.
        seed: of the draws.
    """
    if "item" not in votes or votes.empty:
        return Agreement(alpha=None, units=0, judgements=0)
    answers = _coded(votes)
    answers = answers.drop_duplicates(["rater", "unit"])
    answers = answers[answers.groupby("unit")["rater"].transform("size") >= 2]
    counts = pd.crosstab(answers["unit"], answers["value"])
    pairwise = {_FIRST, _SECOND} & set(counts.columns)
    if pairwise:
        counts = counts.reindex(columns=counts.columns.union([_FIRST, _SECOND]), fill_value=0)
    table = counts.to_numpy(dtype=float)
    mirror = np.arange(table.shape[1])
    if pairwise:
        first, second = (list(counts.columns).index(value) for value in (_FIRST, _SECOND))
        mirror[[first, second]] = second, first
    units, judgements = len(table), int(table.sum())
    if not units or (table.shape[1] < 2):
        return Agreement(alpha=None, units=units, judgements=judgements)
    alpha = float(_alpha(table.sum(axis=0)[None], np.array([_disagreement(table).sum()]), mirror)[0])
    if units < 2:
        return Agreement(alpha=alpha, units=units, judgements=judgements)
    columns = csr_array(np.concatenate([table, _disagreement(table)[:, None]], axis=1))
    draws = np.concatenate(list(resampled(columns, resamples=resamples, seed=seed)))
    low, high = np.nanquantile(_alpha(draws[:, :-1], draws[:, -1], mirror), [0.025, 0.975])
    return Agreement(alpha=alpha, low=float(low), high=float(high), units=units, judgements=judgements)


def side_bias(tally: Tally, *, resamples: int = RESAMPLES, seed: int = 0) -> SideBias:
    """Return how often the left picture won among decided pairs, with an interval from draws of raters.

    Sides are balanced between arms, so ½ is expected whichever arms are better.
    """
    outcome = np.arange(tally.by_rater.shape[1]) % 3
    sides = tally.by_rater @ csr_array(np.stack([outcome == LEFT, outcome == RIGHT], axis=1).astype(float))
    each = np.asarray(sides.sum(axis=1), dtype=float)
    sides, each = sides[each > 0], each[each > 0]
    decided = each.sum()
    if not decided:
        return SideBias(left=None, low=None, high=None, decided=0)
    share = float(sides.sum(axis=0)[0] / decided)
    spread = Spread(raters=len(each), effective_raters=float(each.sum() ** 2 / (each**2).sum()))
    if not spread.known:
        return SideBias(left=share, low=None, high=None, decided=int(decided))
    draws = np.concatenate(list(resampled(sides, resamples=resamples, seed=seed)))
    low, high = share_interval(
        share,
        float(spread.deviation(draws[:, 0] / draws.sum(axis=1))),
        votes=decided,
        raters=len(each),
        quantile=spread.quantile(),
    )
    return SideBias(left=share, low=low, high=high, decided=int(decided))


def _coded(votes: pd.DataFrame) -> pd.DataFrame:
    """Return the columns `rater`, `unit` and `value` of the votes that judge a unit."""
    judged = votes[votes["choice"].isin(_VALUES) & votes["item"].notna()].reset_index(drop=True)
    left, right, choice = (judged[name].astype(object).fillna("") for name in ("left", "right", "choice"))
    single = right == ""
    judged = judged[single | (choice != "not_sure")]  # of a pair, 'not sure' judges nothing
    left, right, choice, single = (column.loc[judged.index] for column in (left, right, choice, single))
    swap = (left > right) & ~single
    value = choice.where(~choice.isin(_TIES), "tie")
    value = value.where((choice != "left") | single, np.where(swap, _SECOND, _FIRST))
    value = value.where((choice != "right") | single, np.where(swap, _FIRST, _SECOND))
    unit = pd.MultiIndex.from_arrays([judged["item"], left.where(~swap, right), right.where(~swap, left)])
    return pd.DataFrame({"rater": judged["rater"].to_numpy(), "unit": pd.factorize(unit)[0], "value": value.to_numpy()})


def _disagreement(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, for each unit, its pairs of unequal answers over the number of its answers less one."""
    answers = table.sum(axis=1)
    return (answers**2 - (table**2).sum(axis=1)) / (answers - 1)


def _alpha(
    totals: NDArray[np.float64], disagreement: NDArray[np.float64], mirror: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Return alpha from how often each value was given `(B, values)` and the summed disagreement `(B,)`.

    `mirror` holds the column of the exchanged value; the expected disagreement is over the answers and their mirror
    images together.
    """
    answers = totals.sum(axis=1)
    shares = (totals + totals[:, mirror]) / (2 * answers[:, None])
    expected = (1 - (shares**2).sum(axis=1)) * answers / (answers - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - disagreement / answers / expected
