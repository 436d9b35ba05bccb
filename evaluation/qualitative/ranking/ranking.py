"""Votes become a ranking: Bradley-Terry (Biometrika, 1952) with a weak prior, fitted by evalica.

Without a prior the maximum of the likelihood lies at infinity once an arm has won or lost everything, or two groups of
arms never met; evalica then returns the same meaningless number for all. So each arm that has votes also wins once and
loses once against an imagined opponent, which says that beforehand every chance to win against it is as likely as any
other (the logistic prior of Newman, 'Efficient computation of rankings from pairwise comparisons', JMLR 2023). That
keeps every score finite, links groups that never met, and fades as votes come in.

Intervals, ranks and the top set are those of `intervals.py`, from draws of whole raters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.qualitative.ranking import bootstrap
from evaluation.qualitative.ranking.intervals import Spread, rank_intervals, top_set
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, Tally, count

PRELIMINARY_BELOW = 100
AVERAGE_SCORE = 1000.0
POINTS_PER_TENFOLD_ODDS = 400.0
POINTS_PER_LOGIT = POINTS_PER_TENFOLD_ODDS / log(10)

_WINNER = {LEFT: evalica.Winner.X, RIGHT: evalica.Winner.Y, TIE: evalica.Winner.Draw}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One arm in the ranking.

    Attributes:
        arm: its id.
        score: None without votes. 1000 is an arm that would win half its ballots against the ranked arms, each as often
            as the others; 400 points more are ten times the odds, as in chess.
        wins: votes for it; `losses` and `ties` likewise, pairs that were both bad among the ties. Skips and 'not sure'
            are not counted.
        low: lower end of the score's 95 % interval; `high` its upper end. None where they were not asked for, or where
            fewer than two raters voted; so are the next ones.
        best_rank: the best rank it may hold with 95 % confidence, from 1; `worst_rank` likewise.
        top: whether it can't be told from the best.
    """

    arm: str
    score: float | None
    wins: int
    losses: int
    ties: int
    low: float | None = None
    high: float | None = None
    best_rank: int | None = None
    worst_rank: int | None = None
    top: bool | None = None

    @property
    def votes(self) -> int:
        """How many votes it took part in."""
        return self.wins + self.losses + self.ties

    @property
    def preliminary(self) -> bool:
        """Too few votes to tell its place."""
        return self.votes < PRELIMINARY_BELOW


def rank(votes: pd.DataFrame, *, arms: Sequence[str], resamples: int = 0, seed: int = 0) -> list[Standing]:
    """Rank arms by their votes, best first; those without votes come last, in the order given.

    Args:
        votes: columns `left`, `right` (ids of arms) and `choice` (`Choice`), one row a vote, and `rater` for intervals.
            A tie counts as half a win for each, and so does 'both bad'. Skips, 'not sure', and votes on arms that are
            not in `arms`, are left out.
        arms: ids of the arms to rank.
        resamples: how many draws of raters the intervals rest on, 1000 is plenty; with 0 there are none.
        seed: of the draws.
    """
    return standings(count(votes, arms=arms, by_rater=resamples > 0), resamples=resamples, seed=seed)


def standings(tally: Tally, *, resamples: int = bootstrap.RESAMPLES, seed: int = 0) -> list[Standing]:
    """Rank the arms of counted votes, as `rank` does."""
    total = tally.total
    wins = total[:, :, LEFT].sum(axis=1) + total[:, :, RIGHT].sum(axis=0)
    losses = total[:, :, RIGHT].sum(axis=1) + total[:, :, LEFT].sum(axis=0)
    ties = total[:, :, TIE].sum(axis=1) + total[:, :, TIE].sum(axis=0)
    theta = strengths(tally)
    scores = AVERAGE_SCORE + POINTS_PER_LOGIT * theta
    ranked = np.flatnonzero(wins + losses + ties)
    found = [
        Standing(
            arm=arm,
            score=float(scores[i]) if i in ranked else None,
            wins=int(wins[i]),
            losses=int(losses[i]),
            ties=int(ties[i]),
        )
        for i, arm in enumerate(tally.arms)
    ]
    spread = Spread(raters=tally.raters, effective_raters=tally.effective_raters)
    if resamples and spread.known:
        draws = bootstrap.strengths(tally, theta=theta, resamples=resamples, seed=seed)[:, ranked]
        half = POINTS_PER_LOGIT * spread.half_width(draws)
        ranks, top = rank_intervals(theta[ranked], draws, spread), top_set(theta[ranked], draws, spread)
        for k, i in enumerate(ranked):
            found[i] = replace(
                found[i],
                low=float(scores[i] - half[k]),
                high=float(scores[i] + half[k]),
                best_rank=int(ranks[k, 0]),
                worst_rank=int(ranks[k, 1]),
                top=bool(top[k]),
            )
    return sorted(found, key=lambda standing: float("inf") if standing.score is None else -standing.score)


def strengths(tally: Tally) -> NDArray[np.float64]:
    """Fit Bradley-Terry with the weak prior to counted votes, by evalica.

    Returns:
        `(n,)` natural logarithms of the odds against the imagined opponent; 0 for arms without votes.
    """
    n = len(tally.arms)
    left, right, outcome = np.nonzero(tally.total)
    ranked = np.unique(np.concatenate([left, right]))
    if not len(ranked):
        return np.zeros(n)
    average = n  # the imagined opponent; two ties weigh what a win and a loss do
    found = evalica.bradley_terry(
        [*left.tolist(), *ranked.tolist()],
        [*right.tolist(), *[average] * len(ranked)],
        [_WINNER[answer] for answer in outcome.tolist()] + [evalica.Winner.Draw] * len(ranked),
        weights=[*tally.total[left, right, outcome].tolist(), *[2.0] * len(ranked)],
        tolerance=1e-9,
        limit=10_000,
    ).scores
    logits = np.log(found.reindex(range(n + 1), fill_value=found[average]).to_numpy())
    return np.asarray(logits[:n] - logits[average])
