"""A temporary PostgreSQL server on 127.0.0.1, from Debian's package."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from tests.support.app_server import free_port


class Postgres:
    """A server that can be stopped, started again, and frozen.

    Attributes:
        url: of its one database.
    """

    def __init__(self, data: Path, *, durable: bool) -> None:
        password, port = secrets.token_urlsafe(), free_port()
        self.url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        self._data, self._cluster = data, ("-D", str(data / "data"))
        self._options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories="
        self._options += "" if durable else " -c fsync=off"
        (data / "password").write_text(password)
        if os.geteuid() == 0:
            for path in (data, data / "password"):
                shutil.chown(path, "postgres", "postgres")
        kinds = ("-U", "postgres", "-A", "scram-sha-256", f"--pwfile={data / 'password'}", "--no-sync")
        _run("initdb", *self._cluster, *kinds)

    def start(self) -> None:
        """Start it and wait until it answers."""
        _run("pg_ctl", "start", "-w", *self._cluster, "-l", str(self._data / "log"), "-o", self._options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: `fast` rolls back what is open and writes all; `immediate` is as sudden as a power cut."""
        _run("pg_ctl", "stop", "-w", "-m", mode, *self._cluster)

    def end_backends(self) -> None:
        """End the connections of everybody else."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"{others} AND backend_type = 'client backend'")

    def freeze(self) -> None:
        """Stop all its processes where they are: connections stay open, and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        first = psutil.Process(int((self._data / "data" / "postmaster.pid").read_text().split()[0]))
        for process in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)


@contextlib.contextmanager
def postgres(*, folder: Path | None = None, durable: bool = False) -> Iterator[Postgres]:
    """Start a server and yield it.

    Args:
        folder: where to create the data folder; the system's folder for temporary files by default.
        durable: whether each commit waits for the disk, as in production; tests of behaviour do not need this.

    Raises:
        RuntimeError: PostgreSQL is not installed, or did not start.
    """
    data = Path(tempfile.mkdtemp(prefix="postgres-", dir=folder))
    try:
        server = Postgres(data, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(data)


@contextlib.contextmanager
def postgres_server(*, folder: Path | None = None, durable: bool = False) -> Iterator[str]:
    """Start a server as `postgres` does and yield the URL of its one database."""
    with postgres(folder=folder, durable=durable) as server:
        yield server.url


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
