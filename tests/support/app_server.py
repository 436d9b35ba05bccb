"""The real app in its own process, as `make run` starts it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from gradio_client import Client

ROOT = Path(__file__).parents[2]
PATIENCE_S = 600  # a loaded machine is slow, not broken: waits end when what they wait for is there
OWNER_TOKEN = "the-owner-of-these-tests"


@contextlib.contextmanager
def running_app(
    folder: Path,
    *,
    port: int | None = None,
    database: str | None = None,
    environment: Mapping[str, str] | None = None,
    root: Path = ROOT,
) -> Iterator[str]:
    """Start the app as `app_process` does, yield its URL, then kill it."""
    with app_process(folder, port=port, database=database, environment=environment, root=root) as app:
        yield app.url


@dataclass(kw_only=True)
class AppProcess:
    """The app in its process; it can end and be started again, at the same address and with the same files.

    Attributes:
        port: of its address on 127.0.0.1.
        folder: of all files that it writes.
        command: starts it.
        root: the checkout that it runs.
        variables: its environment.
        process: to send signals to.
    """

    port: int
    folder: Path
    command: list[str]
    root: Path
    variables: dict[str, str]
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Of its page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "app.log"

    def start(self) -> None:
        """Start it and wait for its first page.

        Raises:
            RuntimeError: it did not start; the message ends with its log.
        """
        with self.log.open("a") as log:
            self.process = subprocess.Popen(self.command, cwd=self.root, env=self.variables, stdout=log, stderr=log)
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End it as suddenly as a power cut: nothing may depend on a clean exit."""
        self.process.kill()
        self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the app did not start:\n{self.log.read_text()[-3000:]}")
            with contextlib.suppress(httpx.TransportError):
                httpx.get(self.url, timeout=PATIENCE_S, verify=False).raise_for_status()
                return
            time.sleep(0.1)
        raise TimeoutError(f"no page within ten minutes:\n{self.log.read_text()[-3000:]}")


@contextlib.contextmanager
def app_process(folder: Path, **options: Any) -> Iterator[AppProcess]:
    """Start the app as `start_app` does, yield its process, then kill it."""
    app = start_app(folder, **options)
    try:
        yield app
    finally:
        app.kill()


def start_app(
    folder: Path,
    *,
    port: int | None = None,
    database: str | None = None,
    environment: Mapping[str, str] | None = None,
    root: Path = ROOT,
    command: Sequence[str] = ("app.py",),
) -> AppProcess:
    """Start the app with its votes, studies and uploads in `folder`, and wait for its first page.

    Args:
        folder: for all files that the app writes.
        port: a free port by default.
        database: URL of the database; SQLite in `folder` by default.
        environment: further environment variables.
        root: the checkout to run; this one by default.
        command: arguments of Python that start the app.

    Raises:
        RuntimeError: the app did not start; the message ends with its log.
    """
    port = port or free_port()
    shutil.copytree(ROOT / "tests/studies", folder / "studies", dirs_exist_ok=True)
    variables = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "DATABASE_URL": database or f"sqlite:///{folder}/votes.sqlite3",
        "JUST_LOOK_JOURNAL": str(folder / "votes.server.jsonl"),
        "JUST_LOOK_STUDIES": str(folder / "studies"),
        "JUST_LOOK_OWNER_TOKEN": OWNER_TOKEN,
        **(environment or {}),
    }
    app = AppProcess(
        port=port,
        folder=folder,
        command=[sys.executable, *command],
        root=root,
        variables=variables,
    )
    app.start()
    return app


def connected(url: str, **options: Any) -> Client:
    """A client of a running app that waits for its answers as long as a loaded machine needs."""
    return Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE_S}, **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
