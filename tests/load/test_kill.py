"""The server is killed in a storm of votes, twenty times: every vote that was acknowledged is there, once."""

import itertools
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx
import psycopg

from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store
from tests.support.app_server import free_port
from tests.support.servers.vote_server import STUDY, serve

KILLS = 20
RATERS = 8
VOTES_PER_STORM = 12


# Each server is a fork of a process that has done nothing but import: the imports would be most of this test's time.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.support.servers.vote_server", "psycopg", "alembic.command"])


@contextmanager
def server(url: str, port: int, log: Path) -> Iterator[BaseProcess]:
    """The server, up; killed with -9 at the end."""
    process = processes.Process(target=serve, args=(url, port, log))
    process.start()
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert process.exitcode is None, log.read_text()[-3000:]
            with suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/nothing", verify=False)
                break
            threading.Event().wait(0.02)
        yield process
    finally:
        process.kill()
        process.join()


class Storm:
    """Raters who vote as fast as they are answered, each by a stream of its own, until the server is gone."""

    def __init__(self, port: int, acknowledged: dict[str, str], unclear: dict[str, tuple[str, str]]) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._acknowledged = acknowledged
        self._unclear = unclear
        self._enough = threading.Semaphore(0)
        self.errors: list[str] = []

    def run(self, process: BaseProcess) -> None:
        threads = [threading.Thread(target=self._vote, args=(number,)) for number in range(RATERS)]
        for thread in threads:
            thread.start()
        for _ in range(VOTES_PER_STORM):
            assert self._enough.acquire(timeout=60)
        process.kill()  # SIGKILL, with votes under way
        for thread in threads:
            thread.join()

    def _vote(self, number: int) -> None:
        choices = itertools.cycle(("left", "right", "tie", "skip") if number % 2 else ("right", "left"))
        sent: tuple[str, str, str] | None = None
        try:
            with httpx.Client(base_url=self._url, timeout=60, verify=False) as client:
                rater = ""
                while True:
                    sent = None
                    ballot = client.get("/ballot", params={"rater": rater}).json()
                    rater, choice = ballot["rater"], next(choices)
                    sent = (ballot["ballot"], rater, choice)
                    response = client.post("/vote", params={"ballot": sent[0], "rater": rater, "choice": choice})
                    if response.status_code == 200:
                        self._acknowledged[sent[0]] = choice
                        self._enough.release()
                    else:
                        self.errors.append(response.text)
        except httpx.TransportError:
            if sent is not None:
                self._unclear[sent[0]] = sent[1:]


def test_every_acknowledged_vote_survives_twenty_kills_once(database_url: str, tmp_path: Path):
    journal = tmp_path / "votes.sqlite3.jsonl"
    acknowledged: dict[str, str] = {}
    unclear: dict[str, tuple[str, str]] = {}
    port = free_port()
    backend = database_url.partition(":")[0]
    for _ in range(KILLS):
        with server(database_url, port, tmp_path / "server.log") as process:
            storm = Storm(port, acknowledged, unclear)
            storm.run(process)
            process.join()
            assert process.exitcode == -signal.SIGKILL
            assert storm.errors == []

    if backend == "postgresql":  # it may still be committing what the last server sent before it died
        with psycopg.connect(database_url) as connection:
            connection.execute("LOCK TABLE votes IN EXCLUSIVE MODE")
    store = Store(database_url)
    votes = store.results(STUDY)
    assert votes["ballot"].is_unique
    kept = dict(zip(votes["ballot"], votes["choice"], strict=True))
    assert {ballot: kept.get(ballot) for ballot in acknowledged} == acknowledged
    assert len(acknowledged) >= KILLS * VOTES_PER_STORM
    assert set(kept) - set(acknowledged) <= set(unclear), "only what was sent and not answered may be there besides"
    for ballot, (rater, choice) in unclear.items():  # a retry finds it, or counts it: never twice
        assert store.cast(ballot, rater=rater, choice=choice).already_counted == (ballot in kept)
    assert store.count(STUDY) == len(set(acknowledged) | set(unclear))
    if backend == "sqlite":
        rebuild([journal], target := f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
        back = Store(target)
        assert set(back.results(STUDY)["ballot"]) == set(store.results(STUDY)["ballot"])
        back.close()
    store.close()
