"""Do raters agree with each other, and with themselves about sides? Krippendorff's alpha, and the share of lefts.

Alpha is `1 - D_o / D_e`, observed over expected disagreement: 1 where raters always agree, 0 where they agree as chance
would have it (Krippendorff, 'Content Analysis', 2018). A unit is one item with one unordered pair of arms (in
real-or-fake studies one item of one arm) that two raters or more judged; the value is which arm won, or a tie,
whichever side it stood on, so leaning to one side is no agreement. evalica computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import evalica
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from evaluation.qualitative.ranking.bootstrap import RESAMPLES, resampled
from evaluation.qualitative.ranking.intervals import Spread
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, Tally

_TIES = ("tie", "both_bad")
_VALUES = ("left", "right", *_TIES, "real", "fake", "not_sure")


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha for nominal values.

    Attributes:
        alpha: 1 is perfect, 0 is chance; None where no unit has two raters, or where all answers are the same.
        units: how many units two raters or more judged.
        judgements: answers to them.
    """

    alpha: float | None
    units: int
    judgements: int


@dataclass(frozen=True, kw_only=True)
class SideBias:
    """How often the left picture won, among decided pairs.

    Attributes:
        left: share 0 … 1; None where nothing was decided.
        low: lower end of its 95 % interval, `high` the upper end; None with fewer than two raters.
        high: see `low`.
        decided: how many votes had a winner.
    """

    left: float | None
    low: float | None
    high: float | None
    decided: int


def agreement(votes: pd.DataFrame) -> Agreement:
    """Compute alpha over all units that several raters judged; a rater's first answer to a unit counts.

    Args:
        votes: columns `rater`, `item`, `left`, `right` and `choice`, oldest first; without `item` there is no unit.
    """
    if "item" not in votes or votes.empty:
        return Agreement(alpha=None, units=0, judgements=0)
    judged = votes[votes["choice"].isin(_VALUES) & votes["item"].notna()].reset_index(drop=True)
    left, right, choice = (judged[name].astype(object).fillna("") for name in ("left", "right", "choice"))
    single = right == ""
    judged = judged[single | (choice != "not_sure")]  # of a pair, 'not sure' judges nothing
    left, right, choice, single = (column.loc[judged.index] for column in (left, right, choice, single))
    value = choice.where(~choice.isin(_TIES), "tie")
    value = value.where(choice != "left", left).where(choice != "right", right)
    swap = (left > right) & ~single
    unit = pd.MultiIndex.from_arrays([judged["item"], left.where(~swap, right), right.where(~swap, left)])
    table = pd.DataFrame(
        {"rater": judged["rater"].to_numpy(), "unit": pd.factorize(unit)[0], "value": value.to_numpy()}
    )
    table = table.drop_duplicates(["rater", "unit"])
    table = table[table.groupby("unit")["rater"].transform("size") >= 2]
    if table["value"].nunique() < 2:
        return Agreement(alpha=None, units=table["unit"].nunique(), judgements=len(table))
    # Alpha does not ask who said what: the answers to a unit can share the rows, and few rows suffice.
    table["row"] = table.groupby("unit").cumcount()
    codings = table.pivot_table(index="row", columns="unit", values="value", aggfunc="first")
    return Agreement(alpha=float(evalica.alpha(codings).alpha), units=codings.shape[1], judgements=len(table))


def side_bias(tally: Tally, *, resamples: int = RESAMPLES, seed: int = 0) -> SideBias:
    """Return how often the left picture won among decided pairs, with an interval from draws of raters.

    Sides are balanced between arms, so ½ is expected whatever the arms are worth.
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
    drawn = np.concatenate(list(resampled(sides, resamples=resamples, seed=seed)))
    half = float(spread.half_width(drawn[:, 0] / drawn.sum(axis=1)))
    return SideBias(left=share, low=max(0.0, share - half), high=min(1.0, share + half), decided=int(decided))
