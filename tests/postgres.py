"""A real PostgreSQL server for the tests, started once: Debian's package, on 127.0.0.1, gone at the end."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql


@pytest.fixture(scope="session")
def new_postgres_database() -> Iterator[Callable[[], str]]:
    """Call it for a URL whose tables nobody else sees: a schema of its own in the one database."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    password, port = secrets.token_urlsafe(), _free_port()
    server = f"postgresql://postgres:{password}@127.0.0.1:{port}"
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres", "postgres")
    data = ("-D", str(folder / "data"))
    try:
        _run("initdb", *data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
        _run("pg_ctl", "start", "-w", *data, "-l", str(folder / "log"), "-o", options)
        try:
            yield lambda: _create_schema(f"{server}/postgres")
        finally:
            _run("pg_ctl", "stop", "-w", "-m", "immediate", *data)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind: who asks for it is run on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    return request.getfixturevalue("new_postgres_database")()


def _create_schema(database: str) -> str:
    name = f"votes_{secrets.token_hex(8)}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    return f"{database}?options=-csearch_path%3D{name}"


def _run(program: str, *arguments: str) -> None:
    # PostgreSQL refuses to run as root; the package made an account for it.
    account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    command = [_program(program), *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **account)  # type: ignore[call-overload]
    if done.returncode:
        pytest.fail(f"{program} failed: {done.stdout}{done.stderr}")


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(debian[-1]) if debian else shutil.which(name)
    if path is None:
        pytest.fail("These tests need a PostgreSQL server: apt-get install postgresql")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
