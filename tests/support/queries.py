"""Counting what a piece of code asks of the vote database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from evaluation.qualitative.store.store import Store


@contextmanager
def queries(store: Store) -> Iterator[list[str]]:
    """The statements that a store sends within the block, in order, without those that begin a transaction."""
    with store.reading() as connection:
        engine = connection.engine
    sent: list[str] = []

    def note(_connection, _cursor, statement: str, *_) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
