"""Items: how each arm does on each seed or photo, and intervals that take items as a sample too.

A ranking is meant for pictures in general, and those of a study are a sample of them, as its raters are of people. So
raters and items are both drawn again: a vote counts as often as its rater was drawn times as often as its item (the
pigeonhole bootstrap; Owen, 'The pigeonhole bootstrap', Annals of Applied Statistics, 2007). Its standard deviation is
on the large side, never too small. Two items or more are needed that several raters judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.bradley_terry import fit, pair_counts
from evaluation.qualitative.ranking.intervals import Spread
from evaluation.qualitative.ranking.shares import share_interval
from evaluation.qualitative.ranking.tally import LEFT, OUTCOMES, RIGHT, TIE, ratings

Array = NDArray[np.float64]

TWO_WAY_RESAMPLES = 400
_AT_ONCE = 2**22
_SCORES = {LEFT: 1.0, TIE: 0.5, RIGHT: 0.0}  # of the arm on the left


@dataclass(frozen=True, kw_only=True)
class ItemShare:
    """How an arm did on one item.

    Attributes:
        item: id of the item.
        arm: id of the arm.
        share: of its votes that it won, ties half; for single pictures, how often it was taken for real; of four, how
            often it was the best, and half of how often it was neither the best nor the worst.
        low: lower end of the share's 95 % interval; None with fewer than two effective raters.
        high: upper end.
        votes: on the arm with this item.
        raters: who cast them.
        best: votes that called it the best of four; None where no answer was about four.
        worst: votes that called it the worst of four, likewise.
    """

    item: str
    arm: str
    share: float
    low: float | None
    high: float | None
    votes: int
    raters: int
    best: int | None = None
    worst: int | None = None


@dataclass(frozen=True, kw_only=True)
class TwoWay:
    """Half-widths of 95 % intervals of the strengths, over raters and over raters and items.

    Attributes:
        items: how many items were drawn.
        over_raters: by arm, in natural logarithms of odds.
        over_both: the same with items drawn too.
    """

    items: int
    over_raters: dict[str, float]
    over_both: dict[str, float]


def item_shares(votes: pd.DataFrame, arms: Sequence[str]) -> list[ItemShare]:
    """Return how each arm did on each item that two raters or more judged, items with the most votes first.

    Args:
        votes: columns `rater`, `item`, `left`, `right` ("" for single pictures), `choice` and, for sets of four,
            `third` and `fourth`.
        arms: ids of the arms.
    """
    each = _judged(votes, arms)
    if each.empty:
        return []
    rows = each.assign(size=1).groupby(["item", "arm", "rater"], sort=False)
    by_rater = rows[["won", "size", "best", "worst"]].sum(min_count=1).reset_index()
    by_rater = by_rater[by_rater.groupby("item")["rater"].transform("nunique") >= 2]
    shares = [_share(str(item), str(arm), cell) for (item, arm), cell in by_rater.groupby(["item", "arm"], sort=False)]
    voted = by_rater.groupby("item")["size"].sum()
    order = {arm: place for place, arm in enumerate(arms)}
    return sorted(shares, key=lambda share: (-voted[share.item], share.item, order[share.arm]))


def two_way(
    votes: pd.DataFrame, arms: Sequence[str], *, theta: Array, resamples: int = TWO_WAY_RESAMPLES, seed: int = 0
) -> TwoWay | None:
    """Draw raters, and raters and items, and return how far the strengths vary.

    Args:
        votes: columns `rater`, `item`, `left`, `right` and `choice`, on pairs.
        arms: ids of the arms.
        theta: `(n,)`, the estimated strengths.
        resamples: how many draws.
        seed: of the draws.

    Returns:
        None where there are fewer than two effective raters, or no two items that were judged twice on average.
    """
    if "item" not in votes or resamples < 2:
        return None
    n = len(arms)
    votes = ratings(votes)
    numbers = {arm: i for i, arm in enumerate(arms)}
    left, right = (votes[side].map(numbers) for side in ("left", "right"))
    outcome = votes["choice"].astype(str).map(OUTCOMES)
    kept = left.notna() & right.notna() & outcome.notna() & (left != right) & (votes["item"].fillna("") != "")
    rater, item = (pd.factorize(votes.loc[kept, name])[0] for name in ("rater", "item"))
    if not len(item) or item.max() < 1 or len(item) < 2 * (item.max() + 1):
        return None
    cells = ((left[kept] * n + right[kept]) * 3 + outcome[kept]).to_numpy(dtype=int)
    spreads = [_spread(np.bincount(codes).astype(float)) for codes in (rater, item)]
    if not all(spread.known for spread in spreads):
        return None
    counts = csr_array((np.ones(len(cells)), (np.arange(len(cells)), cells)), shape=(len(cells), n * n * 3))
    rng = np.random.default_rng(seed)
    one_way: list[Array] = []
    both: list[Array] = []
    block = max(1, min(resamples, _AT_ONCE // len(cells)))
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        of_raters, of_items = (
            rng.multinomial(spread.raters, np.full(spread.raters, 1 / spread.raters), size=rows).astype(float)
            for spread in spreads
        )
        for weights, strengths in ((of_raters[:, rater], one_way), (of_raters[:, rater] * of_items[:, item], both)):
            drawn = np.asarray((counts.T @ weights.T).T).reshape(rows, n, n, 3)
            wins, judged = pair_counts(drawn)
            strengths.append(fit(wins, judged, n=n, start=theta))
    fewest = min(spreads, key=lambda spread: spread.effective_raters)
    voted = np.isin(np.arange(n), np.concatenate([left[kept].unique(), right[kept].unique()]))
    over_raters = spreads[0].half_width(_centred(np.concatenate(one_way), voted))
    over_both = fewest.half_width(_centred(np.concatenate(both), voted))
    named = [i for i in range(n) if voted[i]]
    return TwoWay(
        items=spreads[1].raters,
        over_raters={arms[i]: float(over_raters[i]) for i in named},
        over_both={arms[i]: float(over_both[i]) for i in named},
    )


def _judged(votes: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """Return a row a picture of a vote: `item`, `arm`, `rater`, `won` (0 … 1), and of four `best` and `worst`."""
    columns = ["item", "arm", "rater", "won", "best", "worst"]
    if "item" not in votes:
        return pd.DataFrame(columns=columns)
    votes = ratings(votes)
    votes = votes[votes["item"].fillna("") != ""]
    single = votes["right"].astype(object).fillna("") == ""
    pairs, alone = votes[~single], votes[single]
    won = pairs["choice"].astype(str).map(OUTCOMES).map(_SCORES).astype(float)
    real = alone["choice"].astype(str).map({"real": 1.0, "not_sure": 0.5, "fake": 0.0}).astype(float)
    parts = [
        pd.DataFrame({"item": part["item"], "arm": part[side], "rater": part["rater"], "won": score})
        for part, side, score in ((pairs, "left", won), (pairs, "right", 1 - won), (alone, "left", real))
    ]
    of_four = votes["choice"].map(best_worst.ANSWERS)
    sets, places = votes[of_four.notna()], of_four.dropna()
    for number, side in enumerate(best_worst.COLUMNS if len(sets) else ()):
        best, worst = (places.str[i] == number for i in (0, 1))
        won = 0.5 + (best.astype(float) - worst) / 2
        four = {"item": sets["item"], "arm": sets[side], "rater": sets["rater"]}
        parts.append(pd.DataFrame({**four, "won": won, "best": best.astype(float), "worst": worst.astype(float)}))
    each = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    return each[each["won"].notna() & each["arm"].isin(list(arms))]


def _share(item: str, arm: str, by_rater: pd.DataFrame) -> ItemShare:
    """Return one arm's share on one item from what each rater gave it: `won`, `size`, `best` and `worst`."""
    won, votes = (by_rater[name].to_numpy(dtype=float) for name in ("won", "size"))
    best, worst = (None if by_rater[name].isna().all() else int(by_rater[name].sum()) for name in ("best", "worst"))
    whole = float(votes.sum())
    share = float(won.sum() / whole)
    spread = _spread(votes)
    low = high = None
    if spread.known:
        raters = len(votes)
        deviation = np.sqrt(raters / (raters - 1) * ((won - share * votes) ** 2).sum()) / whole
        low, high = share_interval(share, float(deviation), votes=whole, raters=raters, quantile=spread.quantile())
    return ItemShare(
        item=item,
        arm=arm,
        share=share,
        low=low,
        high=high,
        votes=int(whole),
        raters=len(votes),
        best=best,
        worst=worst,
    )


def _spread(each: Array) -> Spread:
    return Spread(raters=len(each), effective_raters=float(each.sum() ** 2 / (each**2).sum()))


def _centred(strengths: Array, voted: NDArray[np.bool_]) -> Array:
    """Return strengths less the mean of the arms with votes: the imagined opponent of the prior is no arm."""
    return strengths - strengths[:, voted].mean(axis=1, keepdims=True)
