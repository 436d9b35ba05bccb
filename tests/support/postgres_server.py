"""A temporary PostgreSQL server on 127.0.0.1, from Debian's package."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from tests.support.app_server import free_port


@contextlib.contextmanager
def postgres_server(*, folder: Path | None = None, durable: bool = False) -> Iterator[str]:
    """Start a server and yield the URL of its one database.

    Args:
        folder: where to create the data folder; the system's folder for temporary files by default.
        durable: whether each commit waits for the disk, as in production; tests of behaviour do not need this.

    Raises:
        RuntimeError: PostgreSQL is not installed, or did not start.
    """
    data = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
    password, port = secrets.token_urlsafe(), free_port()
    (data / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (data, data / "password"):
            shutil.chown(path, "postgres", "postgres")
    cluster = ("-D", str(data / "data"))
    try:
        _run("initdb", *cluster, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={data / 'password'}", "--no-sync")
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
        options += "" if durable else " -c fsync=off"
        _run("pg_ctl", "start", "-w", *cluster, "-l", str(data / "log"), "-o", options)
        try:
            yield f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run("pg_ctl", "stop", "-w", "-m", "immediate", *cluster)
    finally:
        shutil.rmtree(data)


def new_schema(database: str) -> str:
    """Create an empty schema in the database and return its URL."""
    name = f"votes_{secrets.token_hex(8)}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
    return f"{database}?options=-csearch_path%3D{name}"


def _run(program: str, *arguments: str) -> None:
    # PostgreSQL refuses to run as root; the package creates an account for it.
    account = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    command = [_program(program), *arguments]
    completed = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **account)  # type: ignore[call-overload]
    if completed.returncode:
        raise RuntimeError(f"{program} failed: {completed.stdout}{completed.stderr}")


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    path = str(debian[-1]) if debian else shutil.which(name)
    if path is None:
        raise RuntimeError("A PostgreSQL server is needed: apt-get install postgresql")
    return path
