"""What deploy/compose.yaml starts, by hand: one page, two rating processes, PostgreSQL, and nginx in front of them."""

import contextlib
import json
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.support.app_server import OWNER_TOKEN, PATIENCE_S, free_port, running_app
from tests.support.folders import ROOT

STUDY = "two-of-a-kind"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


@contextlib.contextmanager
def proxy(folder: Path, *, page: str, votes: list[str]) -> Iterator[str]:
    """nginx with the file that is deployed, but for its addresses; yields where it listens."""
    port = free_port()
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    changes = {
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "server page:7860;": f"server {page};",
        "server votes:7860;": " ".join(f"server {address};" for address in votes),
        "/tmp/nginx": f"{folder}/nginx",
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "nginx.conf").write_text(text)
    options = ["-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log"), "-g", "daemon off;"]
    with subprocess.Popen([NGINX, *options]) as server:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                assert server.poll() is None, (folder / "nginx.log").read_text()
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"http://127.0.0.1:{port}/samples/none", timeout=PATIENCE_S)
                    break
                threading.Event().wait(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGTERM)


def call(client: httpx.Client, action: str, *data: Any) -> Any:
    reply = client.post(f"/gradio_api/run/{action}", json={"data": data})
    reply.raise_for_status()
    return reply.json()["data"][0]


def vote(client: httpx.Client) -> str:
    """One rater opens the study and answers its first pair; returns the ballot."""
    opened = call(client, "rating_open", STUDY, "", {})
    ballot = opened["ballot"]["ballot"]
    call(client, "rating_answer", opened["rater"], ballot, "left", 900, None)
    return ballot


@pytest.fixture(scope="module")
def processes(
    tmp_path_factory: pytest.TempPathFactory, new_postgres_database: Callable[[], str]
) -> Iterator[tuple[Path, list[contextlib.ExitStack], list[str]]]:
    """The page and two rating processes on one database, one journal and one folder of studies."""
    folder = tmp_path_factory.mktemp("server")
    database = new_postgres_database()
    with contextlib.ExitStack() as everything:
        running, addresses = [], []
        for _ in range(3):
            process = everything.enter_context(contextlib.ExitStack())
            addresses.append(process.enter_context(running_app(folder, database=database)).removeprefix("http://"))
            running.append(process)
        yield folder, running, addresses


def test_raters_are_answered_by_any_process_and_counted_once_also_when_one_is_killed(
    processes: tuple[Path, list[contextlib.ExitStack], list[str]],
):
    folder, running, (page, *votes) = processes
    with proxy(folder, page=page, votes=votes) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        assert "Just Look" in client.get("/").text
        with ThreadPoolExecutor(4) as pool:
            before = list(pool.map(lambda _: vote(client), range(12)))
            running[1].close()  # -9, as `running_app` ends: one of the two that answer raters
            after = list(pool.map(lambda _: vote(client), range(12)))
        repeated = call(client, "rating_open", STUDY, "", {})
        again = [repeated["rater"], repeated["ballot"]["ballot"], "right", 900, None]
        replies = [call(client, "rating_answer", *again) for _ in range(2)]

        exported = call(client, "export", STUDY, "jsonl", OWNER_TOKEN, True)

    stored = [json.loads(line)["ballot"] for line in exported["text"].splitlines()]
    assert sorted(stored) == sorted([*before, *after, repeated["ballot"]["ballot"]])
    assert all("refused" not in reply for reply in replies)


def test_the_composition_builds_both_processes_from_one_image_and_waits_for_the_database():
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]

    assert services["page"]["build"] == services["votes"]["build"]
    assert services["page"]["environment"] == services["votes"]["environment"]
    assert services["votes"]["depends_on"]["database"]["condition"] == "service_healthy"


def test_the_image_copies_what_a_space_gets_and_runs_as_nobody_special():
    from deploy.space import FOLDERS

    ignored = (ROOT / ".dockerignore").read_text().split()
    lines = (ROOT / "deploy" / "Dockerfile").read_text().splitlines()

    assert {f"!{folder}" for folder in FOLDERS if folder != "docs"} <= set(ignored)
    assert "USER look" in lines[: lines.index('CMD ["python", "app.py"]')]
    assert not re.search(r"^ENV .*(TOKEN|PASSWORD|SECRET)", "\n".join(lines), re.MULTILINE)
