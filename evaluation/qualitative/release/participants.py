"""The participants of a study, one row each, and what the flags need beyond the votes: addresses and submissions.

Nothing here names a person. A rater is the pseudonym of the exports, an address is a number in the order of its first
vote, and of a platform's ids only their count is left.
"""

from __future__ import annotations

import itertools
from typing import Any

import pandas as pd
import sqlalchemy as sa

from evaluation.qualitative.store import vote_table
from evaluation.qualitative.store.database import ballots, events
from evaluation.qualitative.store.flags import JOINED
from evaluation.qualitative.store.store import Store

STAGES = ("joined", "consented", "instructed", "completed")
COLUMNS = {
    "rater": "pseudonym, as in votes.csv; a rater without an answer is numbered",
    "joined": "when the rater first opened the link, UTC; empty for visitors without a session",
    "consented": "when the rater agreed to take part, UTC",
    "instructed": "when the rater had read the instructions, UTC",
    "completed": "when the rater answered the last question, UTC",
    "submissions": "with how many submissions of a platform the rater came; more than one is flagged",
    "ballots": "how many questions the rater was given",
    "votes": "how many of them the rater answered",
}


def participants(store: Store, study: str, votes: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each rater, with the columns `COLUMNS`.

    Args:
        store: the database.
        study: name of the study.
        votes: as `Store.results` returns them.
    """
    with store.reading() as connection:
        given = connection.execute(
            sa.select(ballots.c.id, ballots.c.rater).where(ballots.c.study == study).order_by(ballots.c.issued_at)
        ).all()
        happened = connection.execute(
            sa.select(events.c.rater, events.c.kind, events.c.at).where(events.c.study == study).order_by(events.c.id)
        ).all()
        links = vote_table.joined(connection, study).dropna(subset=list(JOINED))
    answered = dict(zip(votes["ballot"], votes["rater"], strict=True))
    names = {row.rater: answered[row.id] for row in given if row.id in answered}
    rows: dict[str, dict[str, Any]] = {}
    numbers = itertools.count(1)

    def row_of(rater: str) -> dict[str, Any]:
        if rater not in rows:
            name = names.get(rater) or f"without-answer-{next(numbers)}"
            rows[rater] = {"rater": name, **dict.fromkeys(STAGES, ""), "submissions": 0, "ballots": 0, "votes": 0}
        return rows[rater]

    for ballot in given:
        row = row_of(ballot.rater)
        row["ballots"] += 1
        row["votes"] += ballot.id in answered
    for event in happened:
        row = row_of(event.rater)
        if event.kind in STAGES and not row[event.kind]:
            row[event.kind] = event.at.isoformat()
    for rater, submissions in links.drop_duplicates().groupby("rater").size().items():
        row_of(str(rater))["submissions"] = int(submissions)
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def addresses(store: Store, study: str, votes: pd.DataFrame) -> list[str]:
    """Return a label for the network address of each vote, the same for the same address on one day; "" if unknown."""
    with store.reading() as connection:
        query = sa.select(ballots.c.id, ballots.c.address).where(ballots.c.study == study)
        stored = {row.id: row.address for row in connection.execute(query)}
    labels: dict[str, str] = {}
    return [
        labels.setdefault(address, f"address-{len(labels) + 1}") if (address := stored.get(ballot)) else ""
        for ballot in votes["ballot"]
    ]
