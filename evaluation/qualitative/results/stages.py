"""How many raters reached each stage of a session, counted from their events."""

from __future__ import annotations

import sqlalchemy as sa

from evaluation.qualitative.store.database import events
from evaluation.qualitative.store.store import Store

STAGES = ("joined", "consented", "completed")


def stages_of(store: Store, study: str) -> dict[str, int]:
    """Return the number of raters with each event of `STAGES`; withdrawals have deleted theirs.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    raters = sa.func.count(sa.distinct(events.c.rater))
    query = sa.select(events.c.kind, raters).where(events.c.study == study).group_by(events.c.kind)
    with store.reading() as connection:
        counts = {row[0]: row[1] for row in connection.execute(query)}
    return {stage: int(counts.get(stage, 0)) for stage in STAGES}
