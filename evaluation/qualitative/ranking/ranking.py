"""The ranking of a study: Bradley-Terry (Biometrika, 1952) with a weak prior, fitted by evalica.

Without a prior the likelihood has no finite maximum once an arm has won or lost everything, or two groups of arms never
met; evalica then returns the same meaningless number for all. So each arm with votes also wins once and loses once
against an imagined opponent: beforehand, every chance to win against it is equally likely (the logistic prior of
Newman, 'Efficient computation of rankings from pairwise comparisons', JMLR 2023). The prior keeps every score finite
and fades as votes come in. Groups of arms that never met are ranked apart: only the prior links their scores.

Intervals of scores are those of `score_intervals.py`; ranks and the top set are those of `intervals.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.qualitative.ranking import bootstrap
from evaluation.qualitative.ranking.bradley_terry import information, pair_counts
from evaluation.qualitative.ranking.design_effect import precision
from evaluation.qualitative.ranking.intervals import (
    Differences,
    Spread,
    differences,
    least_deviations,
    rank_intervals,
    sole_best,
)
from evaluation.qualitative.ranking.score_intervals import score_intervals
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, Tally, count

PRELIMINARY_BELOW = 100
AVERAGE_SCORE = 1000.0
POINTS_PER_TENFOLD_ODDS = 400.0
POINTS_PER_LOGIT = POINTS_PER_TENFOLD_ODDS / log(10)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One arm in the ranking.

    Attributes:
        arm: its id.
        score: None without votes. 1000 is an arm that would win half its ballots against the ranked arms, each as often
            as the others; 400 points more are ten times the odds, as in chess.
        wins: votes for it; `losses` and `ties` likewise, pairs that were both bad among the ties. Skips and 'not sure'
            are not counted.
        low: lower end of the score's 95 % interval; None where intervals were not asked for, where fewer than two
            effective raters voted, or where the votes set no lower bound: the arm (almost) never won.
        high: upper end; None likewise, or where the arm (almost) never lost: its score is at least `low`.
        best_rank: the best rank that it may hold in its group, from 1; the ranks of all arms hold at once with 95 %
            confidence. None where there are no intervals, and so are the next ones.
        worst_rank: the worst rank that it may hold.
        top: whether it may be the best of its group.
        alone: whether it is certainly better than every other arm of its group, however often one looked.
        group: number of its group of arms that met, directly or through others; 0 is the largest.
        precise_to: half the width of the interval, predicted from the average spread of all arms; in points.
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
    alone: bool | None = None
    group: int = 0
    precise_to: float | None = None

    @property
    def votes(self) -> int:
        """How many votes it took part in."""
        return self.wins + self.losses + self.ties

    @property
    def preliminary(self) -> bool:
        """Whether it has too few votes for its place to mean much."""
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
    """Rank the arms of counted votes, as `rank` does; one group of arms that met after another."""
    total = tally.total
    wins = total[:, :, LEFT].sum(axis=1) + total[:, :, RIGHT].sum(axis=0)
    losses = total[:, :, RIGHT].sum(axis=1) + total[:, :, LEFT].sum(axis=0)
    ties = total[:, :, TIE].sum(axis=1) + total[:, :, TIE].sum(axis=0)
    theta = strengths(tally)
    ranking = [
        Standing(
            arm=arm,
            score=AVERAGE_SCORE + POINTS_PER_LOGIT * float(theta[i]) if wins[i] + losses[i] + ties[i] else None,
            wins=int(wins[i]),
            losses=int(losses[i]),
            ties=int(ties[i]),
        )
        for i, arm in enumerate(tally.arms)
    ]
    for number, group in enumerate(tally.groups):
        for i in group:
            ranking[i] = replace(ranking[i], group=number)
        if resamples:
            within = tally if len(group) == len(tally.arms) else tally.within(group)
            bounded = _bounded([ranking[i] for i in group], within, theta[group], resamples=resamples, seed=seed)
            for i, standing in zip(group, bounded, strict=True):
                ranking[i] = standing
    return sorted(ranking, key=lambda arm: (arm.score is None, arm.group, -(arm.score or 0.0)))


def _bounded(
    ranking: list[Standing], tally: Tally, theta: NDArray[np.float64], *, resamples: int, seed: int
) -> list[Standing]:
    """Add intervals, ranks and the top set to the arms of one group, where there are raters enough."""
    spread = Spread(raters=tally.raters, effective_raters=tally.effective_raters)
    if not spread.known:
        return ranking
    known = precision(tally, theta)
    low, high = score_intervals(tally, theta, known.design_effect, quantile=spread.quantile())
    predicted = POINTS_PER_LOGIT * spread.quantile() * np.sqrt(known.variance * known.pooled)
    draws = bootstrap.strengths(tally, theta=theta, resamples=resamples, seed=seed)
    compared = _differences(tally, theta, draws, spread, pooled=known.pooled)
    ranks, best = rank_intervals(compared), sole_best(compared)
    return [
        replace(
            standing,
            low=_points(low[i]),
            high=_points(high[i]),
            best_rank=int(ranks[i, 0]),
            worst_rank=int(ranks[i, 1]),
            top=bool(ranks[i, 0] == 1),
            alone=i == best,
            precise_to=float(predicted[i]),
        )
        for i, standing in enumerate(ranking)
    ]


def pairwise(tally: Tally, theta: NDArray[np.float64], draws: NDArray[np.float64]) -> Differences | None:
    """Compare all pairs of arms that met, directly or through others; None with too few effective raters.

    Args:
        tally: votes on arms of one group.
        theta: `(n,)` strengths, see `strengths`.
        draws: `(B, n)` strengths of draws of raters, see `bootstrap.strengths`.
    """
    spread = Spread(raters=tally.raters, effective_raters=tally.effective_raters)
    if not spread.known:
        return None
    return _differences(tally, theta, draws, spread, pooled=precision(tally, theta).pooled)


def _differences(
    tally: Tally, theta: NDArray[np.float64], draws: NDArray[np.float64], spread: Spread, *, pooled: float
) -> Differences:
    _, judged = pair_counts(tally.total[None])
    full, halfway = (np.linalg.inv(information(theta[None] * share, judged)[0]) for share in (1.0, 0.5))
    return differences(theta, draws, spread, least=least_deviations(full, halfway, design_effect=pooled))


def _points(strength: float) -> float | None:
    """Return a strength as a score; None where it is infinite."""
    return float(AVERAGE_SCORE + POINTS_PER_LOGIT * strength) if np.isfinite(strength) else None


def strengths(tally: Tally) -> NDArray[np.float64]:
    """Fit Bradley-Terry with the weak prior to counted votes, by evalica.

    Returns:
        `(n,)` natural logarithms of the odds against the imagined opponent; 0 for arms without votes.
    """
    import evalica  # here, because it imports half a second of scipy: the first ranking waits, and not the app's start

    n = len(tally.arms)
    left, right, outcome = np.nonzero(tally.total)
    ranked = np.unique(np.concatenate([left, right]))
    if not len(ranked):
        return np.zeros(n)
    average = n  # the imagined opponent; two ties weigh what a win and a loss do
    winner = {LEFT: evalica.Winner.X, RIGHT: evalica.Winner.Y, TIE: evalica.Winner.Draw}
    scores = evalica.bradley_terry(
        [*left.tolist(), *ranked.tolist()],
        [*right.tolist(), *[average] * len(ranked)],
        [winner[answer] for answer in outcome.tolist()] + [evalica.Winner.Draw] * len(ranked),
        weights=[*tally.total[left, right, outcome].tolist(), *[2.0] * len(ranked)],
        tolerance=1e-9,
        limit=10_000,
    ).scores
    logits = np.log(scores.reindex(range(n + 1), fill_value=scores[average]).to_numpy())
    return np.asarray(logits[:n] - logits[average])
