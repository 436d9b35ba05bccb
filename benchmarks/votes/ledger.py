"""The votes that an app acknowledged, and what its database holds of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from evaluation.qualitative.store.database import ballots, votes
from evaluation.qualitative.store.store import Store


@dataclass(kw_only=True)
class Ledger:
    """What raters sent, and what the app answered.

    Attributes:
        acknowledged: by ballot, the choice of each vote that the app acknowledged.
        unclear: by ballot, the choice that was sent and not acknowledged yet: it may be stored or not.
        fresh: by ballot, how often the app acknowledged it as new; more than once is wrong. The page is not told.
    """

    acknowledged: dict[str, str] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)
    fresh: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The errors in the votes of a database.

    Attributes:
        lost: acknowledged votes that are missing, or stored with another choice.
        twice: ballots that were counted more than once.
        unknown: stored votes that were neither acknowledged nor unclear.
    """

    lost: int
    twice: int
    unknown: int


def audit(database: str, ledgers: Iterable[Ledger], *, study: str) -> Audit:
    """Compare the votes of these ledgers with the stored votes of a study that nobody else votes in."""
    store = Store(database, read_only=True)  # otherwise it would write a journal that is gone anew
    query = sa.select(votes.c.ballot_id, votes.c.choice).join(ballots).where(ballots.c.study == study)
    with store.reading() as connection:
        rows = [(row.ballot_id, row.choice) for row in connection.execute(query)]
    store.close()
    stored, counted = dict(rows), Counter(ballot for ballot, _ in rows)
    acknowledged: dict[str, str] = {}
    sent: set[str] = set()
    fresh: Counter[str] = Counter()
    for ledger in ledgers:
        acknowledged |= ledger.acknowledged
        sent |= ledger.acknowledged.keys() | ledger.unclear.keys()
        fresh += ledger.fresh
    return Audit(
        lost=sum(stored.get(ballot) != choice for ballot, choice in acknowledged.items()),
        twice=sum(max(counted[ballot], fresh[ballot]) > 1 for ballot in stored),
        unknown=len(stored.keys() - sent),
    )
