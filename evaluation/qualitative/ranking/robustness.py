"""How few votes would change the winner: the most influential votes are searched for, and every result is refitted.

Huang et al. ('Dropping just a handful of preferences can change top large language model rankings', 2025) drop the
votes with the most influence on the lead of the first arm over another, after Broderick, Giordano & Meager (2020): by
the implicit function theorem a vote with slope `g` of its likelihood changes the lead by `gᵀ H⁻¹ (e_first - e_other)`,
where `H` is the information. Here votes are dropped (or reversed) in that order, and bisection finds the fewest that
make another arm lead, with a full refit at every step. So the number is always enough; a smaller set is unlikely, but
not ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from evaluation.qualitative.ranking.bradley_terry import fit, information, pair_counts
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, Tally

Array = NDArray[np.float64]

_SCORES = np.array([1.0, 0.0, 0.5])  # of the left arm, by outcome
_TURNED = {LEFT: RIGHT, RIGHT: LEFT}


@dataclass(frozen=True, kw_only=True)
class Fragility:
    """How many votes it takes to change the winner.

    Attributes:
        first: the arm that leads.
        votes: how many votes suffice; None where no number does.
        share: of all votes.
        successor: the arm that would lead then.
    """

    first: str
    votes: int | None
    share: float | None
    successor: str | None


def fewest_dropped(tally: Tally) -> Fragility | None:
    """Return how few votes, if they had not been cast, would have made another arm the first; None without votes."""
    return _fewest(tally, turn=False)


def fewest_turned(tally: Tally) -> Fragility | None:
    """Return how few decided votes, if they had gone the other way, would have made another arm the first."""
    return _fewest(tally, turn=True)


def _fewest(tally: Tally, *, turn: bool) -> Fragility | None:
    voted = tally.total.sum(axis=(1, 2)) + tally.total.sum(axis=(0, 2))
    arms = np.flatnonzero(voted)
    if len(arms) < 2:
        return None
    theta = _refit(tally.total)
    first = int(arms[np.argmax(theta[arms])])
    best, successor = None, None
    for other in sorted((int(arm) for arm in arms if arm != first), key=lambda arm: -theta[arm]):
        order = _by_influence(tally.total, theta, first=first, other=other, turn=turn)
        fewest = _bisect(tally.total, order, first=first, other=other, turn=turn, most=best)
        if fewest is not None:
            best, successor = fewest, tally.arms[other]
    share = None if best is None else best / tally.votes
    return Fragility(first=tally.arms[first], votes=best, share=share, successor=successor)


def _by_influence(counts: Array, theta: Array, *, first: int, other: int, turn: bool) -> list[tuple[int, int, int]]:
    """Return the kinds of votes, `(left, right, outcome)`, that hold `first` above `other`, the strongest first."""
    _, judged = pair_counts(counts[None])
    towards = np.zeros(len(theta))
    towards[first], towards[other] = 1.0, -1.0
    direction = np.linalg.solve(information(theta[None], judged)[0], towards)
    left, right, outcome = np.nonzero(counts)
    lean = direction[left] - direction[right]
    chance = expit(theta[left] - theta[right])
    gain = (2 * _SCORES[outcome] - 1) * lean if turn else (_SCORES[outcome] - chance) * lean
    kept = [k for k in np.argsort(-gain, kind="stable") if gain[k] > 0]
    return [(int(left[k]), int(right[k]), int(outcome[k])) for k in kept]


def _bisect(
    counts: Array, order: list[tuple[int, int, int]], *, first: int, other: int, turn: bool, most: int | None
) -> int | None:
    """Find the fewest votes, taken in this order, that put `other` above `first`; None where `most - 1` do not."""
    available = int(sum(counts[kind] for kind in order))
    enough = available if most is None else min(most - 1, available)
    theta = None

    def overtaken(number: int) -> bool:
        nonlocal theta
        theta = _refit(_without(counts, order, number, turn=turn), theta)
        return bool(theta[other] > theta[first] + 1e-7)

    if enough < 1 or not overtaken(enough):
        return None
    too_few = 0
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if overtaken(middle) else (middle, enough)
    return enough


def _without(counts: Array, order: list[tuple[int, int, int]], number: int, *, turn: bool) -> Array:
    """Drop the first `number` votes, or reverse them."""
    changed = counts.copy()
    for left, right, outcome in order:
        taken = min(number, int(counts[left, right, outcome]))
        changed[left, right, outcome] -= taken
        if turn:
            changed[left, right, _TURNED[outcome]] += taken
        number -= taken
        if not number:
            break
    return changed


def _refit(counts: Array, start: Array | None = None) -> Array:
    wins, judged = pair_counts(counts[None])
    return fit(wins, judged, n=len(counts), start=start)[0]
