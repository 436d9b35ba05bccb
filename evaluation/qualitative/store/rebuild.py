"""Rebuild a vote database from its journals: every acknowledged vote is restored."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from evaluation.qualitative.store import earlier, rows
from evaluation.qualitative.store.database import (
    StoreUnavailableError,
    ballots,
    connect,
    events,
    migrate,
    participants,
    rooms,
    settings,
    votes,
    withdrawals,
    writing,
)
from evaluation.qualitative.store.declarations import FREED
from evaluation.qualitative.store.journal import JournalError, Line, Torn, owner, read

_AT_ONCE = 1_000
_Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """The counts of what was restored.

    Attributes:
        ballots: number of ballots.
        votes: number of votes, corrections counted.
        events: number of events.
        withdrawn: number of raters whose lines were left out.
        torn: lines that a crash cut off; they were never acknowledged.
    """

    ballots: int
    votes: int
    events: int
    withdrawn: int
    torn: Sequence[Torn]


def rebuild(journals: Sequence[Path], url: str) -> Rebuilt:
    """Fill an empty database with everything in its journals.

    Of two lines for one row, which a failed commit can leave, the later counts.

    Args:
        journals: journals of one database; a server may have one on each machine.
        url: address of the new database, as `Store` takes it.

    Raises:
        JournalError: a journal can't be read, they belong to several databases, or a complete line is not valid.
        StoreUnavailableError: the database can't be used, or it is not empty.
    """
    torn: list[Torn] = []
    tables: dict[str, _Rows] = {name: {} for name in rows.TABLES}
    for path in journals:
        for line in _lines(path, torn):
            table, row = _row(path, line)
            tables[table.name].pop(key := _key(table, row), None)  # a repeated row takes the place of its last line
            tables[table.name][key] = row
    if len(tables[settings.name]) != 1:
        raise JournalError(f"These journals belong to {len(tables[settings.name])} databases: rebuild one at a time.")
    withdrawn = set(tables[withdrawals.name])
    known = {key[0]: row for key, row in tables[ballots.name].items() if (row["study"], row["rater"]) not in withdrawn}
    kept = {
        settings: list(tables[settings.name].values()),
        ballots: list(known.values()),
        votes: [row for row in tables[votes.name].values() if row["ballot_id"] in known],
        events: [row for row in tables[events.name].values() if (row["study"], row["rater"]) not in withdrawn],
        participants: _begun(tables),
        withdrawals: list(tables[withdrawals.name].values()),
        rooms: list(tables[rooms.name].values()),
    }
    _fill(url, kept)
    counts = {table.name: len(filled) for table, filled in kept.items()}
    return Rebuilt(
        ballots=counts["ballots"],
        votes=counts["votes"],
        events=counts["events"],
        withdrawn=len(withdrawn),
        torn=torn,
    )


def _begun(tables: Mapping[str, _Rows]) -> list[dict[str, Any]]:
    """Return which rater each participant is, without those whose id the owner freed and who have not begun anew."""
    freed = {
        (row["study"], row["details"]["participant"], row["details"]["rater"])
        for row in tables[events.name].values()
        if row["kind"] == FREED
    }
    begun = tables[participants.name].values()
    return [row for row in begun if (row["study"], row["participant"], row["rater"]) not in freed]


def _lines(path: Path, torn: list[Torn]) -> Iterator[Line]:
    """Read the complete lines of a journal of any version, and collect the others in `torn`."""

    def complete() -> Iterator[Line]:
        for line in read(path):
            if isinstance(line, Torn):
                torn.append(line)
            else:
                yield line

    first = owner(path) if path.exists() else None
    try:
        yield from complete() if first is None else earlier.converted(complete(), key=first["value"])
    except (KeyError, ValueError, TypeError) as error:
        raise JournalError(f"{path.name} has a line that is not valid: {error!r}") from error


def _row(path: Path, line: Line) -> tuple[sa.Table, dict[str, Any]]:
    try:
        table, row = rows.from_line(line)
        _key(table, row)
    except (KeyError, ValueError, TypeError) as error:
        raise JournalError(f"{path.name} has a line that is not valid: {line!s:.200} ({error!r})") from error
    return table, row


def _key(table: sa.Table, row: dict[str, Any]) -> tuple[Any, ...]:
    """Return what identifies a row: two lines with the same key are about one row."""
    names = {
        "settings": ("name", "value"),
        "ballots": ("id",),
        "votes": ("ballot_id", "revision"),
        "events": ("study", "rater", "kind", "at"),
        "participants": ("study", "participant"),
        "withdrawals": ("study", "rater"),
        "rooms": ("id",),
    }
    return tuple(row[name] for name in names[table.name])


def _fill(url: str, kept: dict[sa.Table, list[dict[str, Any]]]) -> None:
    engine = connect(url)
    try:
        migrate(engine)
        with writing(engine).begin() as connection:
            for table in kept:
                if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                    raise StoreUnavailableError("The database is not empty: rebuild into an empty one.")
            for table, filled in kept.items():
                for batch in _batches(filled):
                    connection.execute(sa.insert(table), batch)
    except DBAPIError as error:
        raise StoreUnavailableError(f"The database can't be filled: {error.orig}") from error
    finally:
        engine.dispose()


def _batches(filled: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(filled), _AT_ONCE):
        yield filled[start : start + _AT_ONCE]


def main() -> None:
    """Rebuild a database from the command line: `python -m evaluation.qualitative.store.rebuild FILE …`."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.qualitative.store.rebuild",
        description="Fill an empty database with everything that journals hold.",
    )
    parser.add_argument("journals", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("--database", metavar="URL", required=True, help="as in sqlite:///rebuilt.sqlite3")
    options = parser.parse_args()
    try:
        rebuilt = rebuild(options.journals, options.database)
    except (JournalError, StoreUnavailableError) as error:
        sys.exit(str(error))
    print(f"Restored ballots: {rebuilt.ballots:,}; votes: {rebuilt.votes:,}; events: {rebuilt.events:,}.")
    if rebuilt.withdrawn:
        print(f"Raters left out because they withdrew: {rebuilt.withdrawn:,}.")
    for torn in rebuilt.torn:
        print(f"Left out, because a crash cut it off before it was acknowledged: line {torn.number}, {torn.text:.80}")


if __name__ == "__main__":
    main()
