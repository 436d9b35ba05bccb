"""A real Hub-compatible server (olah) on 127.0.0.1, serving git repositories that tests and benchmarks write."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.support.app_server import ROOT, free_port

SERVER = ROOT / ".venv" / "hub" / "bin" / "olah-cli"
CONFIG = """
[basic]
host = "127.0.0.1"
port = {port}
repos-path = "{folder}/repos"
mirrors-path = ["{folder}/mirrors"]

[accessibility]
offline = true
"""


class Hub:
    """The server and the folder of its repositories."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server; its repositories stay.

        Raises:
            RuntimeError: it is not installed, or it ended.
        """
        if not SERVER.exists():
            raise RuntimeError("The Hub-compatible server is needed: make hub")
        config = self.folder / "config.toml"
        config.write_text(CONFIG.format(port=self.port, folder=self.folder))
        (self.folder / "mirrors").mkdir(exist_ok=True)
        command = [str(SERVER), "--config", str(config), "--log-path", str(self.folder / "logs")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "server.log").read_text()[-3000:])
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/nothing")
                return
            time.sleep(0.1)
        raise TimeoutError((self.folder / "server.log").read_text()[-3000:])

    def stop(self) -> None:
        """End the server: from now on nobody answers at its address."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextlib.contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody answers at the server's address."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def repository(self, repo_id: str, *, kind: str = "models") -> Path:
        """The working tree of a repository of models or datasets; `commit` publishes what is in it."""
        return self.folder / "mirrors" / kind / repo_id

    def commit(self, repo_id: str, *, tag: str | None = None, kind: str = "models") -> str:
        """Commit all that lies in a repository's folder and return the commit."""
        folder = self.repository(repo_id, kind=kind)
        if not (folder / ".git").exists():
            _git(folder, "init", "--quiet", "--initial-branch=main")
        _git(folder, "add", "--all")
        _git(folder, "commit", "--quiet", "--allow-empty", "--message=Update")
        if tag:
            _git(folder, "tag", tag)
        return _git(folder, "rev-parse", "HEAD")


def _git(folder: Path, *arguments: str) -> str:
    identity = {f"GIT_{role}_{key}": "tests@localhost" for role in ("AUTHOR", "COMMITTER") for key in ("NAME", "EMAIL")}
    # the machine's own configuration could sign commits or run hooks
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **identity, **alone},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
