"""The participants of a study, one row each, and what the flags need beyond the votes: addresses and submissions.

Nothing here names a person. A rater is the pseudonym of the exports, an address is a number in the order of its first
vote, and of a platform's ids only their count is left.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pandas as pd
import sqlalchemy as sa

from evaluation.qualitative.store import vote_table
from evaluation.qualitative.store.database import ballots, events
from evaluation.qualitative.store.declarations import FREED, OWNER
from evaluation.qualitative.store.flags import JOINED
from evaluation.qualitative.store.store import Store

STAGES = ("joined", "consented", "instructed", "completed")
COLUMNS = {
    "rater": "pseudonym, as in votes.csv; a rater without an answer is numbered",
    "joined": "when the rater first opened the link, UTC; empty for visitors without a session",
    "consented": "when the rater agreed to take part, UTC",
    "instructed": "when the rater had read the instructions, UTC",
    "completed": "when the rater answered the last question, UTC",
    "freed": "when the researchers freed the platform's id with which the rater had begun, UTC; else empty",
    "submissions": "with how many submissions of a platform the rater came; more than one is flagged",
    "ballots": "how many questions the rater was given",
    "votes": "how many of them the rater answered",
}


def names_of(store: Store, study: str, votes: pd.DataFrame) -> dict[str, str]:
    """Return the name in a release of each rater: the pseudonym of the votes, or a number without an answer.

    Args:
        store: the database.
        study: name of the study.
        votes: as `Store.results` returns them.
    """
    with store.reading() as connection:
        given = connection.execute(
            sa.select(ballots.c.rater).where(ballots.c.study == study).order_by(ballots.c.issued_at)
        ).scalars()
        happened = sa.select(events.c.rater).where(events.c.study == study, events.c.rater != OWNER)
        raters = list(dict.fromkeys([*given, *connection.execute(happened.order_by(events.c.id)).scalars()]))
    answered, numbers = set(votes["rater"]), itertools.count(1)
    return {rater: rater if rater in answered else f"without-answer-{next(numbers)}" for rater in raters}


def participants(store: Store, study: str, votes: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return one row for each rater, with the columns `COLUMNS`.

    Args:
        store: the database.
        study: name of the study.
        votes: as `Store.results` returns them.
        names: of the raters, from `names_of`.
    """
    with store.reading() as connection:
        given = connection.execute(
            sa.select(ballots.c.id, ballots.c.rater).where(ballots.c.study == study).order_by(ballots.c.issued_at)
        ).all()
        happened = connection.execute(
            sa.select(events.c.rater, events.c.kind, events.c.at).where(events.c.study == study).order_by(events.c.id)
        ).all()
        links = vote_table.joined(connection, study).dropna(subset=list(JOINED))
        owner = sa.select(events.c.details, events.c.at).where(
            events.c.study == study, events.c.rater == OWNER, events.c.kind == FREED
        )
        freed = {details["rater"]: at for details, at in connection.execute(owner)}
    nothing = {**dict.fromkeys(STAGES, ""), "freed": "", "submissions": 0, "ballots": 0, "votes": 0}
    rows: dict[str, dict[str, Any]] = {rater: {"rater": name, **nothing} for rater, name in names.items()}
    answered = set(votes["ballot"])
    for ballot in given:
        if ballot.rater in rows:  # others came since the names were given
            rows[ballot.rater]["ballots"] += 1
            rows[ballot.rater]["votes"] += ballot.id in answered
    for event in happened:
        if event.rater in rows and event.kind in STAGES and not rows[event.rater][event.kind]:
            rows[event.rater][event.kind] = event.at.isoformat()
    for rater, at in freed.items():
        if rater in rows:
            rows[rater]["freed"] = at.isoformat()
    for rater, submissions in links.drop_duplicates().groupby("rater").size().items():
        if str(rater) in rows:
            rows[str(rater)]["submissions"] = int(submissions)
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
