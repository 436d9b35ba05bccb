"""The PostgreSQL server of the tests, started once, and empty databases of either kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres_server import new_schema, postgres_server


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[], str]]:
    """Call it for a URL whose tables nobody else sees."""
    with postgres_server() as database:
        yield lambda: new_schema(database)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind: who asks for it is run on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    return request.getfixturevalue("new_postgres_database")()
