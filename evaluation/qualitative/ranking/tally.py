"""Counts of votes by rater, pair, side and answer: all later steps work on counts, however many votes there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from evaluation.qualitative.ballot import Purpose

LEFT, RIGHT, TIE = range(3)
OUTCOMES = {"left": LEFT, "right": RIGHT, "tie": TIE, "both_bad": TIE}


@dataclass(frozen=True, kw_only=True, eq=False)
class Tally:
    """How often every rater gave every answer.

    A pair judged both bad is a tie for the ranking: neither was preferred. Skips, 'not sure' and votes on other arms
    are no judgements and are not in it.

    Attributes:
        arms: ids of the `n` arms.
        by_rater: `(raters, n·n·3)` counts; the columns are the answers to `arms[i]` on the left and `arms[j]` on the
            right, in the order `[i, j, outcome]` with the outcomes left, right, tie.
    """

    arms: tuple[str, ...]
    by_rater: csr_array

    @cached_property
    def total(self) -> NDArray[np.float64]:
        """Votes of all raters, `(n, n, 3)`."""
        n = len(self.arms)
        return np.asarray(self.by_rater.sum(axis=0), dtype=float).reshape(n, n, 3)

    def within(self, arms: Sequence[int]) -> Tally:
        """Return the votes on pairs of some of the arms, given by their numbers, of the raters who judged these."""
        cells = np.arange(len(self.arms) ** 2 * 3).reshape(len(self.arms), len(self.arms), 3)
        among = csr_array(self.by_rater[:, cells[np.ix_(arms, arms)].ravel()])
        voted = np.flatnonzero(np.asarray(among.sum(axis=1)))
        return Tally(arms=tuple(self.arms[arm] for arm in arms), by_rater=csr_array(among[voted]))

    @cached_property
    def groups(self) -> list[list[int]]:
        """Numbers of the arms that met, directly or through others, the largest group first.

        Arms of different groups cannot be compared. Arms without votes are in no group.
        """
        return groups_of(self.total.sum(axis=2) > 0)

    @cached_property
    def won_and_lost(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How often each arm won and lost, ties half; both `(n,)`."""
        half = (self.total[:, :, TIE].sum(axis=1) + self.total[:, :, TIE].sum(axis=0)) / 2
        won = self.total[:, :, LEFT].sum(axis=1) + self.total[:, :, RIGHT].sum(axis=0)
        lost = self.total[:, :, RIGHT].sum(axis=1) + self.total[:, :, LEFT].sum(axis=0)
        return won + half, lost + half

    @property
    def raters(self) -> int:
        """How many raters judged."""
        return self.by_rater.shape[0]

    @cached_property
    def votes(self) -> int:
        """How many votes judged."""
        return int(self.total.sum())

    @cached_property
    def effective_raters(self) -> float:
        """Kish's effective number of raters, `(Σ n_r)² / Σ n_r²`: fewer than there are, where some voted much more."""
        each = np.asarray(self.by_rater.sum(axis=1), dtype=float)
        return float(each.sum() ** 2 / (each**2).sum()) if self.votes else 0.0


@lru_cache(maxsize=64)
def pairs_of(n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the unordered pairs of `n` arms as two arrays `(n·(n-1)/2,)` of their indices, the smaller one first."""
    first, second = np.triu_indices(n, k=1)
    first.flags.writeable = second.flags.writeable = False
    return first, second


def groups_of(met: NDArray[np.bool_]) -> list[list[int]]:
    """Return groups of arms that met, directly or through others, the largest first; an arm that met none is in none.

    Args:
        met: `(n, n)` whether the first arm met the second.
    """
    from scipy.sparse.csgraph import connected_components  # here, because it takes a tenth of a second to load

    number, label = connected_components(met, directed=False)
    groups = [np.flatnonzero(label == group).tolist() for group in range(number)]
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group[0]))


def ratings(votes: pd.DataFrame) -> pd.DataFrame:
    """Leave out training trials and checks, which never count for a ranking; the column `purpose` marks them."""
    if "purpose" not in votes:
        return votes
    return votes[votes["purpose"].fillna(Purpose.RATING.value) == Purpose.RATING]


def count(votes: pd.DataFrame, *, arms: Sequence[str], by_rater: bool = True) -> Tally:
    """Count the votes that judged a pair of `arms`.

    Args:
        votes: columns `left`, `right`, `choice` and, where there is more than ratings, `purpose`, one row a vote.
            Without a column `rater` each vote counts as a rater of its own.
        arms: ids of the arms.
        by_rater: False counts all votes as one rater's: all that a point estimate needs, in less time.
    """
    n, votes = len(arms), ratings(votes)
    left, right = (_codes(votes[side], {arm: i for i, arm in enumerate(arms)}) for side in ("left", "right"))
    outcome = _codes(votes["choice"], OUTCOMES)
    judged = (left >= 0) & (right >= 0) & (outcome >= 0) & (left != right)
    cells = ((left * n + right) * 3 + outcome)[judged]
    if not by_rater:
        return Tally(arms=tuple(arms), by_rater=csr_array(np.bincount(cells, minlength=n * n * 3).astype(float)[None]))
    raters = pd.factorize(votes["rater"])[0] if "rater" in votes else np.arange(len(votes))
    rows, known = pd.factorize(raters[judged])
    counts = csr_array((np.ones(len(cells)), (rows, cells)), shape=(len(known), n * n * 3))
    return Tally(arms=tuple(arms), by_rater=counts)


def _codes(column: pd.Series[str], known: dict[str, int]) -> NDArray[np.intp]:
    """Number a column's values by `known`; -1 where they are not in it."""
    codes, values = pd.factorize(column)
    numbers = np.array([known.get(value, -1) for value in values] + [-1], dtype=np.intp)
    return numbers[codes]
