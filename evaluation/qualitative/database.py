"""The two tables of a rating session, and connections to a database that keeps what it acknowledged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError
from sqlalchemy.schema import CreateIndex, CreateTable

BUSY_TIMEOUT_S = 30


class StoreUnavailableError(RuntimeError):
    """The database can't be opened or does not answer."""


class _UtcTime(sa.TypeDecorator[datetime]):
    """A moment in UTC, on databases with time zones and without."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


_metadata = sa.MetaData()
ballots = sa.Table(
    "ballots",
    _metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("study", sa.String(64), nullable=False),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Column("left", sa.String(64), nullable=False),
    sa.Column("right", sa.String(64), nullable=False),
    sa.Column("left_seed", sa.BigInteger, nullable=False),
    sa.Column("right_seed", sa.BigInteger, nullable=False),
    sa.Column("pair_probability", sa.Double, nullable=False),
    sa.Column("issued_at", _UtcTime, nullable=False),
    sa.Index("ballots_by_rater", "study", "rater", "issued_at"),
)
votes = sa.Table(
    "votes",
    _metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ballot_id", sa.ForeignKey("ballots.id"), nullable=False, unique=True),
    sa.Column("choice", sa.String(16), nullable=False),
    sa.Column("response_ms", sa.Integer),
    sa.Column("cast_at", _UtcTime, nullable=False),
)


def create_tables(connection: sa.Connection) -> None:
    """Create the tables and indices that are missing."""
    for table in _metadata.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def connect(url: str) -> sa.Engine:
    """Prepare connections to the database at an SQLAlchemy URL; an SQLite file's folder is made where it is missing.

    Raises:
        StoreUnavailableError: the URL makes no sense, its driver is missing, or it names a database in memory.
    """
    try:
        address = sa.make_url(url)
        if address.drivername in ("postgres", "postgresql"):  # as hosts hand it out
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() != "sqlite":
            return sa.create_engine(address, pool_pre_ping=True)
    except (ArgumentError, ImportError) as error:
        raise StoreUnavailableError(f"The vote database can't be used: {error}") from error
    if address.database in (None, "", ":memory:"):
        raise StoreUnavailableError(
            "A database in memory forgets its votes: name a file, as in sqlite:///votes.sqlite3"
        )
    Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S})
    sa.event.listen(engine, "connect", _make_durable)
    return engine


def _make_durable(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, and have each commit reach the disk before it returns."""
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")
