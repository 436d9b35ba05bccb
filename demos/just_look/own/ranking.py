"""A visitor's own ranking beside everybody's: the same model, fitted to the visitor's votes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from evaluation.qualitative.ballot import Record
from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.ranking import rank
from evaluation.qualitative.wording import counted

_EQUAL = 1e-6  # points: a smaller difference of scores is one of rounding


@dataclass(frozen=True, kw_only=True)
class OwnRanking:
    """The order of the arms by one visitor's votes.

    Attributes:
        scores: of the arms that the visitor judged.
        votes: number of votes behind it.
    """

    scores: Mapping[str, float]
    votes: int

    @property
    def places(self) -> dict[str, str]:
        """The place of each arm, from 1; equal scores share the first of their places."""
        return {
            arm: str(1 + sum(other > score + _EQUAL for other in self.scores.values()))
            for arm, score in self.scores.items()
        }

    def agreement(self, everybody: Mapping[str, float]) -> tuple[int, int]:
        """Return how many pairs of arms both orders decide in the same way, and how many both decide.

        Args:
            everybody: the scores by all votes.
        """
        same = decided = 0
        for first, second in combinations([arm for arm in self.scores if arm in everybody], 2):
            mine, theirs = self.scores[first] - self.scores[second], everybody[first] - everybody[second]
            if abs(mine) > _EQUAL and abs(theirs) > _EQUAL:
                decided += 1
                same += (mine > 0) == (theirs > 0)
        return same, decided


def own_ranking(history: Sequence[Record], arms: Sequence[str]) -> OwnRanking | None:
    """Rank the arms by a visitor's votes; None without a vote that judges.

    Args:
        history: the visitor's ballots with their answers.
        arms: ids of the competing arms.
    """
    votes = pd.DataFrame(
        [
            (
                *(getattr(record.ballot, place) for place in best_worst.COLUMNS),
                record.vote.choice.value,
                record.ballot.purpose.value,
            )
            for record in history
            if record.vote is not None
        ],
        columns=[*best_worst.COLUMNS, "choice", "purpose"],
    )
    four = best_worst.count(votes, arms=arms)
    standings = best_worst.standings(four, resamples=0) if len(four.sets) else rank(votes, arms=arms)
    scores = {standing.arm: standing.score for standing in standings if standing.score is not None}
    if not scores:
        return None
    pictures = sum(standing.votes for standing in standings)
    return OwnRanking(scores=scores, votes=len(four.sets) or pictures // 2)


def sentence(own: OwnRanking, everybody: Mapping[str, float]) -> str:
    """Return what a visitor's ranking rests on and how far it agrees with everybody's."""
    same, decided = own.agreement(everybody)
    rests = f"“Yours” is the order by your own {counted(own.votes, 'vote')}"
    if decided == 0:
        return f"{rests}."
    return f"{rests}: it puts {same:,} of {counted(decided, 'pair')} of sources in the same order as everybody."
