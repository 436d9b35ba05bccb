"""Votes become a ranking: Bradley-Terry (Biometrika, 1952) with a weak prior, fitted by evalica.

Without a prior the maximum of the likelihood lies at infinity once an arm has won or lost everything, or two groups of
arms never met; evalica then returns the same meaningless number for all. So each arm that has votes also wins once and
loses once against an imagined opponent, which says that beforehand every chance to win against it is as likely as any
other (the logistic prior of Newman, 'Efficient computation of rankings from pairwise comparisons', JMLR 2023). That
keeps every score finite, links groups that never met, and fades as votes come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

import evalica
import pandas as pd

from evaluation.qualitative.ballot import Choice

PRELIMINARY_BELOW = 100
AVERAGE_SCORE = 1000.0
POINTS_PER_TENFOLD_ODDS = 400.0

_AVERAGE = ""  # the imagined opponent; no arm has an empty id
_WINNER = {Choice.LEFT: evalica.Winner.X, Choice.RIGHT: evalica.Winner.Y, Choice.TIE: evalica.Winner.Draw}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One arm in the ranking.

    Attributes:
        arm: its id.
        score: None without votes. 1000 is an arm that would win half its ballots against the ranked arms, each as often
            as the others; 400 points more are ten times the odds, as in chess.
        wins: votes for it; `losses` and `ties` likewise. Skips are not counted.
    """

    arm: str
    score: float | None
    wins: int
    losses: int
    ties: int

    @property
    def votes(self) -> int:
        """How many votes it took part in."""
        return self.wins + self.losses + self.ties

    @property
    def preliminary(self) -> bool:
        """Too few votes to tell its place."""
        return self.votes < PRELIMINARY_BELOW


def rank(votes: pd.DataFrame, *, arms: Sequence[str]) -> list[Standing]:
    """Rank arms by their votes, best first; those without votes come last, in the order given.

    Args:
        votes: columns `left`, `right` (ids of arms) and `choice` (`Choice`), one row a vote. A tie counts as half a
            win for each. Skips, and votes on arms that are not in `arms`, are left out.
        arms: ids of the arms to rank.
    """
    judged = votes[
        votes["choice"].isin(list(_WINNER)) & votes["left"].isin(list(arms)) & votes["right"].isin(list(arms))
    ]
    counts = judged.groupby(["left", "right", "choice"]).size()
    wins, losses, ties = dict.fromkeys(arms, 0), dict.fromkeys(arms, 0), dict.fromkeys(arms, 0)
    for (left, right, choice), count in counts.items():
        if choice == Choice.TIE:
            ties[left] += count
            ties[right] += count
        else:
            winner, loser = (left, right) if choice == Choice.LEFT else (right, left)
            wins[winner] += count
            losses[loser] += count
    scores = _scores(counts)
    standings = [
        Standing(arm=arm, score=scores.get(arm), wins=wins[arm], losses=losses[arm], ties=ties[arm]) for arm in arms
    ]
    return sorted(standings, key=lambda standing: float("inf") if standing.score is None else -standing.score)


def _scores(counts: pd.Series[int]) -> dict[str, float]:
    """Fit strengths to how often each `(left, right, choice)` was voted; two ties weigh what the prior's votes do."""
    ranked = list(dict.fromkeys(arm for left, right, _ in counts.index for arm in (left, right)))
    strengths = evalica.bradley_terry(
        [left for left, _, _ in counts.index] + ranked,
        [right for _, right, _ in counts.index] + [_AVERAGE] * len(ranked),
        [_WINNER[choice] for _, _, choice in counts.index] + [evalica.Winner.Draw] * len(ranked),
        weights=[float(count) for count in counts] + [2.0] * len(ranked),
        tolerance=1e-9,
        limit=10_000,
    ).scores
    return {
        arm: AVERAGE_SCORE + POINTS_PER_TENFOLD_ODDS * log10(strengths[arm] / strengths[_AVERAGE]) for arm in ranked
    }
