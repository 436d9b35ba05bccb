"""The tables of the vote database, and durable connections to it."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import ArgumentError

BUSY_TIMEOUT_S = 30
CONNECTIONS = 40
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6A757374_6C6F6F6B  # 'justlook': the advisory lock that starting processes wait for (PostgreSQL)
PRIVATE = 0o600  # of the files with votes
_WRITES = "writes"
_alembic = threading.Lock()  # Alembic keeps its state in globals


class StoreUnavailableError(RuntimeError):
    """The database can't be opened or does not answer."""

    http_status = 503


class UtcTime(sa.TypeDecorator[datetime]):
    """A moment in UTC, on databases with time zones and without."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Convert to UTC first, because SQLite drops the time zone."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Add the time zone that SQLite dropped."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


metadata = sa.MetaData()
ballots = sa.Table(
    "ballots",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("study", sa.String(64), nullable=False),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Column("left", sa.String(64), nullable=False),
    sa.Column("right", sa.String(64), nullable=False),
    sa.Column("left_seed", sa.BigInteger, nullable=False),
    sa.Column("right_seed", sa.BigInteger, nullable=False),
    sa.Column("pair_probability", sa.Double, nullable=False),
    sa.Column("issued_at", UtcTime, nullable=False),
    sa.Column("study_digest", sa.String(64), nullable=False, server_default=""),
    sa.Column("item", sa.String(200), nullable=False, server_default=""),
    sa.Column("purpose", sa.String(16), nullable=False, server_default="rating"),
    sa.Column("expected", sa.String(16)),
    sa.Column("instruction", sa.String(500), nullable=False, server_default=""),
    sa.Column("exposure_ms", sa.Integer),
    sa.Column("expires_at", UtcTime),
    sa.Column("position", sa.Integer),
    sa.Column("address", sa.String(64)),
    sa.Column("third", sa.String(64), nullable=False, server_default=""),
    sa.Column("fourth", sa.String(64), nullable=False, server_default=""),
    sa.Column("third_seed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("fourth_seed", sa.BigInteger, nullable=False, server_default="0"),
    sa.Index("ballots_by_rater", "study", "rater", "issued_at"),
)
votes = sa.Table(
    "votes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ballot_id", sa.ForeignKey("ballots.id"), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("choice", sa.String(16), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False, server_default=""),
    sa.Column("response_ms", sa.Integer),
    sa.Column("cast_at", UtcTime, nullable=False),
    sa.UniqueConstraint("ballot_id", "revision", name="votes_once"),
)
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("study", sa.String(64), nullable=False),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Index("events_by_rater", "study", "rater"),
)
participants = sa.Table(  # which rater a platform's participant is: the first browser that came with the id
    "participants",
    metadata,
    sa.Column("study", sa.String(64), primary_key=True),
    sa.Column("participant", sa.String(64), primary_key=True),
    sa.Column("rater", sa.String(64), nullable=False),
    sa.Index("participants_by_rater", "study", "rater"),
)
withdrawals = sa.Table(
    "withdrawals",
    metadata,
    sa.Column("study", sa.String(64), primary_key=True),
    sa.Column("rater", sa.String(64), primary_key=True),
    sa.Column("at", UtcTime, nullable=False),
)
rooms = sa.Table(  # of a class; the answers given in one are ballots and votes of the study `class:ID`
    "rooms",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("code", sa.String(16), nullable=False, unique=True),
    sa.Column("opened_at", UtcTime, nullable=False),
    sa.Column("ends_at", UtcTime, nullable=False),
    sa.Column("state", sa.JSON, nullable=False),
    sa.Index("rooms_by_end", "ends_at"),
)
settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.String(200), nullable=False),
)


def connect(url: str, *, read_only: bool = False) -> sa.Engine:
    """Prepare connections to the database at an SQLAlchemy URL; an SQLite file's folder is made where it is missing.

    Args:
        url: SQLite or PostgreSQL.
        read_only: let the database refuse every change through these connections.

    Raises:
        StoreUnavailableError: the URL is malformed, its driver is missing, or it names a database in memory.
    """
    try:
        address = sa.make_url(url)
        if address.drivername in ("postgres", "postgresql"):  # the spelling that hosting providers use
            address = address.set(drivername="postgresql+psycopg")
        if address.get_backend_name() != "sqlite":
            if read_only:
                options = {"postgresql_readonly": True}
                return sa.create_engine(address, pool_pre_ping=True, pool_size=1, execution_options=options)
            return sa.create_engine(address, pool_pre_ping=True)  # a server limits its connections: keep the default
    except (ArgumentError, ImportError) as error:
        raise StoreUnavailableError(f"The vote database can't be used: {error}") from error
    if address.database in (None, "", ":memory:"):
        raise StoreUnavailableError(
            "A database in memory forgets its votes: name a file, as in sqlite:///votes.sqlite3"
        )
    try:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailableError(not_writable(address.database, error)) from error
    _make_private(Path(address.database))
    # As many as the server has threads: opening a connection costs more than most queries.
    engine = sa.create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S}, pool_size=CONNECTIONS)
    sa.event.listen(engine, "connect", _only_read if read_only else _make_durable)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _make_private(file: Path) -> None:
    """Let nobody but this process's user read the votes; SQLite gives the files beside it the same mode."""
    with contextlib.suppress(OSError):  # whoever connects is told why
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, PRIVATE))
        file.chmod(PRIVATE)


def not_writable(path: str, why: object) -> str:
    """The sentence for a database file that can't be made or written."""
    return (
        f"The vote database {Path(path).absolute()} can't be opened ({why}): set DATABASE_URL to a file in a "
        "folder that can be written, such as sqlite:////data/votes.sqlite3, or to a database server."
    )


def writing(engine: sa.Engine) -> sa.Engine:
    """Return the engine for transactions that write: SQLite then takes its write lock at the start of each."""
    return engine.execution_options(**{_WRITES: True})


def migrate(engine: sa.Engine) -> None:
    """Bring the tables up to date; if several processes start at once, one migrates and the others wait."""
    # Alembic reads its settings as an .ini file, where a percent sign starts an interpolation.
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alembic, writing(engine).begin() as connection:
        _wait_for_starters(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def secret(connection: sa.Connection) -> str:
    """Return the database's random key, which identifies it and hides participants' ids; create it the first time."""
    _wait_for_starters(connection)
    query = sa.select(settings.c.value).where(settings.c.name == "key")
    known = connection.execute(query).scalar_one_or_none()
    if known is None:
        connection.execute(sa.insert(settings).values(name="key", value=secrets.token_hex(32)))
        known = connection.execute(query).scalar_one()
    return known


def _wait_for_starters(connection: sa.Connection) -> None:
    """Keep other processes out until the transaction ends; on SQLite the write lock does so already."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))


def _make_durable(connection: Any, _: Any) -> None:
    """Let readers and a writer work at once, have each commit reach the disk, and overwrite what is deleted."""
    connection.isolation_level = None  # sqlite3 would otherwise open transactions implicitly
    # secure_delete: what a withdrawal deletes is overwritten, not only unlinked
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}")


def _only_read(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
