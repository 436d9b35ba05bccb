"""The lines of the mirror: one line of JSON for each answer, and one for each rater who withdrew.

They hold no personal id: a rater is a keyed hash, as in the exports; the reason (a rater's own words), the
address and the parameters of a link stay here. Readers of the data set leave out the raters with a line `withdrawals`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from evaluation.qualitative.store import rows
from evaluation.qualitative.store.database import ballots, votes, withdrawals
from evaluation.qualitative.store.journal import Line, Torn, read
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS

MIRRORED = ("study", "rater", *(name for name in COLUMNS if name not in ("ballot", "rater", "reason", "flags")))

_AT_ONCE = 1_000


def vote_line(row: Mapping[str, Any]) -> Line:
    """Return the line of an answer.

    Args:
        row: the ballot's columns, and those of the answer.
    """
    return rows.line(votes, {"ballot": row["id"], **{name: row[name] for name in MIRRORED}})


def withdrawal_line(row: Mapping[str, Any]) -> Line:
    """Return the line that asks readers to leave a rater out."""
    return rows.line(withdrawals, {name: row[name] for name in ("study", "rater", "at")})


def stored(store: Store) -> Iterator[list[Line]]:
    """Yield the lines of a whole database in batches, corrected answers and their corrections included.

    Raises:
        StoreUnavailableError: the database does not answer.
    """
    answers = (votes.c.choice, votes.c.response_ms, votes.c.cast_at, votes.c.revision)
    query = sa.select(ballots, *answers).select_from(votes.join(ballots)).order_by(votes.c.id)
    with store.reading() as connection:
        for part in connection.execute(query.execution_options(yield_per=_AT_ONCE)).partitions():
            yield [vote_line(dict(row._mapping)) for row in part]
        yield [withdrawal_line(dict(row._mapping)) for row in connection.execute(sa.select(withdrawals))]


def key(line: Line) -> tuple[str, ...]:
    """Return what two lines about the same fact have in common."""
    if line["line"] == withdrawals.name:
        return (line["line"], line["study"], line["rater"])
    return (line["ballot"], str(line["revision"]))


def written(folder: Path) -> Iterator[Line]:
    """Yield the lines of all files in a folder; lines that a power cut tore are skipped."""
    for path in sorted(folder.glob("*.jsonl")):
        yield from (line for line in read(path) if not isinstance(line, Torn))


def append(path: Path, lines: Sequence[Line]) -> None:
    """Append all lines or none.

    Raises:
        OSError: the disk is full, or the file can't be written.
    """
    with path.open("ab", buffering=0) as file:
        size, left = file.tell(), b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        try:
            while left:
                left = left[file.write(left) :]
        except OSError:
            file.truncate(size)
            raise
