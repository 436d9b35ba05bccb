"""The votes of a study as a table: the columns, and reading it at once or piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import sqlalchemy as sa

from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, events, votes
from evaluation.qualitative.store.flags import JOINED, JUDGED
from evaluation.qualitative.store.flags import flags as flags_of

COLUMNS = {
    "ballot": "id of the ballot, which is answered once",
    "rater": "pseudonym of the rater: the same in all exports of this study, another one in the next study",
    "item": "what both pictures show; empty where each picture has its own seed",
    "left": "id of the arm on the left, or of the only picture",
    "right": "id of the arm on the right; empty where there was one picture",
    "choice": "left, right, tie, both_bad, not_sure, skip, real, fake, best_1_worst_2 and so on; a number in class",
    "reason": "in the rater's words, or empty",
    "response_ms": "milliseconds from the pictures being shown to the answer, by the rater's clock; empty if unknown",
    "pair_probability": "probability of drawing this pair, given the rater's earlier ballots and all votes",
    "exposure_ms": "how long the pictures were shown, in milliseconds; empty if without limit",
    "purpose": "rating, or training, attention, gold: only ratings are ranked; class: answered in class",
    "issued_at": "when the ballot was drawn, UTC",
    "cast_at": "when the answer was stored, UTC; for a corrected answer, when it was corrected",
    "flags": "reasons to exclude the answer, separated by commas; empty if there are none",
    "left_seed": "seed of the left picture, 0 where an item is no seed",
    "right_seed": "seed of the right picture, 0 where an item is no seed",
    "expected": "right answer to a check or training trial, else empty",
    "position": "0, 1, 2 … among the rater's ballots of this stage; empty for visitors",
    "study_digest": "sha256 of the study when the ballot was drawn",
    "revision": "how often the answer was corrected",
    "third": "id of the third of four arms; left and right are then the first and the second; else empty",
    "fourth": "id of the fourth arm",
    "third_seed": "seed of the third picture, 0 where an item is no seed or there is none",
    "fourth_seed": "seed of the fourth picture, likewise",
}

_SOURCES = {"ballot": ballots.c.id, **{c.name: c for c in votes.c}, **{c.name: c for c in ballots.c}}
_STORED = [_SOURCES[name].label(name) for name in COLUMNS if name != "flags"]
_TYPES = {"response_ms": "Int64", "exposure_ms": "Int64", "position": "Int64"}


def frame(connection: sa.Connection, study: str) -> pd.DataFrame:
    """Return all votes of a study, in the order they came, with the columns of `COLUMNS`; see `pieces_of`."""
    pieces = list(pieces_of(connection, study, rows_at_once=100_000))
    return pd.concat(pieces, ignore_index=True) if len(pieces) > 1 else pieces[0]


def pieces_of(connection: sa.Connection, study: str, *, rows_at_once: int = 5_000) -> Iterator[pd.DataFrame]:
    """Yield the same table in pieces, at least one; memory holds one piece and the flags.

    Args:
        connection: to the database.
        study: name of the study.
        rows_at_once: number of rows in a piece.
    """
    flags = flags_of(_judged(connection, study), joined(connection, study))
    query = _votes(_STORED, study).execution_options(yield_per=rows_at_once)
    empty = True
    for part in connection.execute(query).partitions(rows_at_once):
        empty = False
        yield _piece([tuple(row) for row in part], flags)
    if empty:
        yield _piece([], flags)


def joined(connection: sa.Connection, study: str) -> pd.DataFrame:
    """Return which rater came by which link: columns `rater` and those of `flags.JOINED`."""
    query = sa.select(events.c.rater, events.c.details).where(events.c.study == study, events.c.kind == "joined")
    links = [
        (row.rater, *(row.details.get(name) for name in JOINED))
        for row in connection.execute(query.order_by(events.c.id))
    ]
    return pd.DataFrame(links, columns=["rater", *JOINED])


def _votes(columns: Sequence[sa.ColumnElement], study: str) -> sa.Select:
    return (
        sa.select(*columns)
        .select_from(ballots.join(votes, rows.LATEST))
        .where(ballots.c.study == study)
        .order_by(votes.c.id)
    )


def _judged(connection: sa.Connection, study: str) -> pd.DataFrame:
    names = JUDGED
    query = _votes([_SOURCES[name].label(name) for name in names], study)
    table = pd.DataFrame([tuple(row) for row in connection.execute(query)], columns=names)
    return table.astype({"response_ms": "Int64", "exposure_ms": "Int64"})


def _piece(stored: list[tuple], flags: dict[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(stored, columns=[column.name for column in _STORED])
    table["flags"] = [flags.get(ballot, "") for ballot in table["ballot"]]
    return table[list(COLUMNS)].astype(_TYPES)
