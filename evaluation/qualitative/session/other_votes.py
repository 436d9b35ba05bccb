"""How many other raters answer as one rater did, for the page that reveals the arms after a vote."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from evaluation.qualitative.ballot import Choice, Vote
from evaluation.qualitative.store.store import Store

AGE_S = 5.0  # for so long the counts of a study are used again: they read all of its votes
_Judgement = tuple[frozenset[str], str]  # the arms of a ballot; the arm that was chosen, or the answer where none was


@dataclass(frozen=True, kw_only=True)
class Concurrence:
    """The votes of others on the same arms.

    Attributes:
        agreeing: number of votes with the same judgement.
        votes: number of votes that judge the same arms; skips and 'not sure' are no judgements.
    """

    agreeing: int
    votes: int


class OtherVotes:
    """Counts the judgements of a study. Safe to share between threads."""

    def __init__(self, store: Store, study: str) -> None:
        """Take the database and the name of the study."""
        self._store = store
        self._study = study
        self._counts: Counter[_Judgement] = Counter()
        self._counted_at: datetime | None = None
        self._until = 0.0
        self._lock = threading.Lock()

    def agreement(self, vote: Vote) -> Concurrence | None:
        """Return how many votes of other raters judge the arms of this vote as it does; None if it judges nothing.

        The counts may be `AGE_S` old.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        judgement = _judgement(vote.ballot.left, vote.ballot.right, vote.choice)
        if judgement is None:
            return None
        everybody, counted_at = self._everybody()
        own = _judgements(self._store.pair_counts(self._study, rater=vote.ballot.rater, until=counted_at))
        others = {key: max(0, number - own[key]) for key, number in everybody.items() if key[0] == judgement[0]}
        return Concurrence(agreeing=others.get(judgement, 0), votes=sum(others.values()))

    def _everybody(self) -> tuple[Counter[_Judgement], datetime]:
        with self._lock:
            if self._counted_at is None or time.monotonic() >= self._until:
                self._counted_at = datetime.now(UTC)
                self._counts = _judgements(self._store.pair_counts(self._study, until=self._counted_at))
                self._until = time.monotonic() + AGE_S
            return self._counts, self._counted_at


def _judgement(left: str, right: str, choice: Choice) -> _Judgement | None:
    match choice:
        case Choice.LEFT | Choice.RIGHT:
            judged = left if choice == Choice.LEFT else right
        case Choice.TIE | Choice.BOTH_BAD | Choice.REAL | Choice.FAKE:
            judged = choice.value
        case _:
            return None
    return frozenset((left, right)), judged


def _judgements(counts: Mapping[tuple[str, str, Choice], int]) -> Counter[_Judgement]:
    judgements: Counter[_Judgement] = Counter()
    for (left, right, choice), number in counts.items():
        if (judgement := _judgement(left, right, choice)) is not None:
            judgements[judgement] += number
    return judgements
