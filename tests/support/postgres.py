"""Fixtures for databases: one PostgreSQL server for all tests, and empty databases on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.servers.postgres_server import new_schema, postgres_server


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[], str]]:
    """A function that returns the URL of an empty PostgreSQL database."""
    with postgres_server() as database:
        yield lambda: new_schema(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database; a test that takes this fixture runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    return request.getfixturevalue("new_postgres_database")()
