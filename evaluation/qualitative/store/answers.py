"""The answers to the questions besides the ballots, as a table with a row for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import sqlalchemy as sa

from evaluation.qualitative.store.database import events
from evaluation.qualitative.store.store import Store

BEFORE, COMPREHENSION, AFTER = "answered_before", "comprehension", "answered_after"  # kinds of events
PARTS = {BEFORE: "before", COMPREHENSION: "comprehension", AFTER: "after"}
COLUMNS = {
    "rater": "id of the rater, as in the votes",
    "part": "before, comprehension or after",
    "question": "id of the question; of a comprehension check its number from 1",
    "answer": "an option, a number of a scale, or the rater's words",
    "attempt": "of a comprehension check 1 or 2, else 1",
    "right": "of a comprehension check whether the answer is right, else empty",
    "answered_at": "when the answer was stored, UTC",
}


def answers(store: Store, study: str) -> pd.DataFrame:
    """Return all answers to the questions of a study, in the order they came, with the columns of `COLUMNS`.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    query = (
        sa.select(events.c.rater, events.c.kind, events.c.details, events.c.at)
        .where(events.c.study == study, events.c.kind.in_(PARTS))
        .order_by(events.c.id)
    )
    rows: list[dict[str, Any]] = []
    with store.reading() as connection:
        for rater, kind, details, at in connection.execute(query):
            common = {"rater": rater, "part": PARTS[kind], "answered_at": at}
            rows += [{**common, **row} for row in _rows(kind, details)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(kind: str, details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if kind != COMPREHENSION:
        for question, answer in details["answers"].items():
            yield {"question": question, "answer": answer, "attempt": 1, "right": None}
        return
    for number, (answer, right) in enumerate(zip(details["answers"], details["right"], strict=True), start=1):
        yield {"question": str(number), "answer": answer, "attempt": details["try"], "right": right}
