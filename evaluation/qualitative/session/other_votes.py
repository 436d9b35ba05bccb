"""How many other raters answer as one rater did, for the page that reveals the arms after a vote.

The counts are kept in memory and follow the votes: every few seconds the new ones are read, each once, whoever votes
meanwhile. Reading all votes of a study is left to the start, and to withdrawals, at most once a minute.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from evaluation.qualitative.ballot import Choice, Purpose, Vote
from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, votes, withdrawals
from evaluation.qualitative.store.store import Store

AGE_S = 5.0  # for so long the counts are used as they are
RECOUNT_S = 60.0  # and so long passes between two readings of all votes
DRIFT_S = 600.0  # a vote that another process committed out of order is found after so long
RATERS = 2_000  # whose own votes are kept; of others they are read when they vote again
_NEW = (  # of all studies: a condition on the study would let the database begin with all of its ballots
    sa.select(
        *(votes.c.id, votes.c.revision, votes.c.choice),
        *(ballots.c.study, ballots.c.purpose, ballots.c.rater, ballots.c.left, ballots.c.right),
    )
    .select_from(votes.join(ballots))
    .where(votes.c.id > sa.bindparam("last"))
    .order_by(votes.c.id)
)
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
        self._of_rater: OrderedDict[str, Counter[_Judgement]] = OrderedDict()  # who voted last at the end
        self._last = 0  # id of the last vote that is counted, of whatever study
        self._withdrawn = 0  # raters who had withdrawn at the last reading of all votes
        self._corrected = False  # whether an answer was corrected since then
        self._until = self._recounted = float("-inf")  # by the clock of `time.monotonic`
        self._lock = threading.Lock()

    def agreement(self, vote: Vote) -> Concurrence | None:
        """Return how many votes of other raters judge the arms of this vote as it does; None if it judges nothing.

        The counts may be `AGE_S` old, and `RECOUNT_S` where somebody has withdrawn.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        judgement = _judgement(vote.ballot.left, vote.ballot.right, vote.choice)
        if judgement is None:
            return None
        with self._lock:
            self._follow()
            own = self._own(vote.ballot.rater)
            others = {key: max(0, n - own[key]) for key, n in self._counts.items() if key[0] == judgement[0]}
        return Concurrence(agreeing=others.get(judgement, 0), votes=sum(others.values()))

    def _follow(self) -> None:
        """Count the votes that came since the last time."""
        now = time.monotonic()
        if now < self._until:
            return
        with self._store.reading() as connection:
            gone = sa.select(sa.func.count()).where(withdrawals.c.study == self._study)
            withdrawn = connection.execute(gone).scalar_one()
            changed, since = self._corrected or withdrawn != self._withdrawn, now - self._recounted
            if since >= DRIFT_S or (since >= RECOUNT_S and changed):
                self._recount(connection)
                self._withdrawn, self._corrected, self._recounted = withdrawn, False, now
            else:
                self._add(connection.execute(_NEW, {"last": self._last}))
        self._until = now + AGE_S

    def _recount(self, connection: sa.Connection) -> None:
        self._of_rater.clear()
        self._counts.clear()
        self._last = connection.execute(sa.select(sa.func.max(votes.c.id))).scalar_one() or 0
        columns = (ballots.c.left, ballots.c.right, votes.c.choice)
        query = _rated(self._study, *columns, sa.func.count().label("number")).where(votes.c.id <= self._last)
        for row in connection.execute(query.group_by(*columns)):
            if (judgement := _judgement(row.left, row.right, Choice(row.choice))) is not None:
                self._counts[judgement] += row.number

    def _add(self, new: Iterable[sa.Row]) -> None:
        for row in new:
            self._last = max(self._last, row.id)
            if (row.study, row.purpose) != (self._study, Purpose.RATING):
                continue
            if row.revision:
                self._corrected = True
            elif (judgement := _judgement(row.left, row.right, Choice(row.choice))) is not None:
                self._counts[judgement] += 1
                if row.rater in self._of_rater:
                    self._of_rater[row.rater][judgement] += 1

    def _own(self, rater: str) -> Counter[_Judgement]:
        """Return the rater's own votes among those that are counted; they are read once and then followed."""
        if rater not in self._of_rater:
            columns = (ballots.c.left, ballots.c.right, votes.c.choice)
            theirs = _rated(self._study, *columns).where(ballots.c.rater == rater, votes.c.id <= self._last)
            with self._store.reading() as connection:
                judged = [_judgement(left, right, Choice(choice)) for left, right, choice in connection.execute(theirs)]
            self._of_rater[rater] = Counter(judgement for judgement in judged if judgement is not None)
            while len(self._of_rater) > RATERS:
                self._of_rater.popitem(last=False)
        self._of_rater.move_to_end(rater)
        return self._of_rater[rater]


def _rated(study: str, *columns: sa.ColumnElement) -> sa.Select:
    """The answers to the ratings of a study as they stand now."""
    return (
        sa.select(*columns)
        .select_from(ballots.join(votes, rows.LATEST))
        .where(ballots.c.study == study, ballots.c.purpose == Purpose.RATING.value)
    )


def _judgement(left: str, right: str, choice: Choice) -> _Judgement | None:
    match choice:
        case Choice.LEFT | Choice.RIGHT:
            judged = left if choice == Choice.LEFT else right
        case Choice.TIE | Choice.BOTH_BAD | Choice.REAL | Choice.FAKE:
            judged = choice.value
        case _:
            return None
    return frozenset((left, right)), judged
