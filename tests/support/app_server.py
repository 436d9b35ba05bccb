"""The real app in its own process, as `make run` starts it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class AppProcess:
    """The app in its process.

    Attributes:
        url: of its page.
        process: to send signals to.
        folder: of all files that it writes.
    """

    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "app.log"

    def kill(self) -> None:
        """End it as suddenly as a power cut: nothing may depend on a clean exit."""
        self.process.kill()
        self.process.wait()


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
    before: Callable[[], None] | None = None,
) -> AppProcess:
    """Start the app with its votes, studies and uploads in `folder`, and wait for its first page.

    Args:
        folder: for all files that the app writes.
        port: a free port by default.
        database: URL of the database; SQLite in `folder` by default.
        environment: further environment variables.
        root: the checkout to run; this one by default.
        command: arguments of Python that start the app.
        before: is done in the process before Python starts.

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
    with (folder / "app.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=root, env=variables, stdout=log, stderr=log, preexec_fn=before
        )
    app = AppProcess(f"http://127.0.0.1:{port}", process, folder)
    try:
        _wait(app)
    except BaseException:
        app.kill()
        raise
    return app


def connected(url: str, **options: Any) -> Client:
    """A client of a running app that waits for its answers as long as a loaded machine needs."""
    return Client(url, verbose=False, httpx_kwargs={"timeout": PATIENCE_S}, **options)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(app: AppProcess) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if app.process.poll() is not None:
            raise RuntimeError(f"the app did not start:\n{app.log.read_text()[-3000:]}")
        with contextlib.suppress(httpx.TransportError):
            httpx.get(app.url, timeout=PATIENCE_S, verify=False).raise_for_status()
            return
        time.sleep(0.1)
    raise TimeoutError(f"no page within ten minutes:\n{app.log.read_text()[-3000:]}")
