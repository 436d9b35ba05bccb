"""Raters who vote in the background while something fails, and what became of their votes."""

from __future__ import annotations

import asyncio
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import sqlalchemy as sa

from benchmarks import app_http
from benchmarks.serve.calls import Replies, Visitor
from benchmarks.serve.visitors import STUDY, Visit, rater
from benchmarks.votes.ledger import Ledger, audit
from evaluation.qualitative.store.database import ballots, votes
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store

RATERS = 8
PAUSE_S = 0.15  # raters here look at a pair no longer
PATIENCE_S = 30.0  # of the page for one request, as demos/page/delivery.js
ANSWER_S = 60.0  # for an action that is called beside the votes
LONGEST_S = 180.0  # for a vote, in the worst case


class NoVoteError(RuntimeError):
    """No vote was acknowledged for a long time."""


class Voting:
    """Raters who vote as fast as the page lets them, from threads of their own, and go on by themselves.

    Args:
        url: of the app; it may be gone for a while.
        first: number of the first rater.
    """

    def __init__(self, url: str, *, first: int = 0) -> None:
        self.ledger, self.replies = Ledger(), Replies()
        self._url, self._first, self._over = url, first, threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._vote()), name="raters")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def wait_for(self, number: int = 1) -> float:
        """Wait until so many further votes are acknowledged, and return how many seconds that took.

        Raises:
            NoVoteError: they were not.
        """
        begun, enough = time.perf_counter(), len(self.ledger.acknowledged) + number
        while len(self.ledger.acknowledged) < enough:
            if time.perf_counter() - begun > LONGEST_S:
                raise NoVoteError(f"No vote for {LONGEST_S:.0f} s: {self.replies.failed.most_common(3)}")
            time.sleep(0.01)
        return time.perf_counter() - begun

    async def _vote(self) -> None:
        end = float("inf")
        async with app_http.client(self._url, patience_s=PATIENCE_S) as http:
            tasks = []
            for number in range(self._first, self._first + RATERS):
                rng = random.Random(number)  # noqa: S311 - no secret
                visitor = Visitor(http, {}, self.replies, number)
                visit = Visit(until=end, pause_s=PAUSE_S, rng=rng)
                tasks.append(asyncio.create_task(self._again(visitor, visit)))
            while not self._over.is_set():
                await asyncio.sleep(0.05)
                if broken := next((task for task in tasks if task.done()), None):
                    broken.result()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _again(self, visitor: Visitor, visit: Visit) -> None:
        """A rater who was refused for good is followed by another one."""
        while not self._over.is_set():
            await rater(self.ledger)(visitor, visit)
            await asyncio.sleep(PAUSE_S)


@dataclass(kw_only=True)
class FaultOutcome:
    """What a fault did.

    Attributes:
        fault: what was done.
        injected: how often.
        acknowledged: votes that the app acknowledged before, during and after it.
        lost: of them, how many the database lacks or holds with another choice.
        twice: ballots that are counted more than once.
        unknown: stored votes that nobody sent.
        missing_in_journal: acknowledged votes that a database rebuilt from the journal lacks.
        recovered: after each fault, seconds until what had failed was answered again.
        sentences: what raters and visitors were told meanwhile, how often.
    """

    fault: str
    injected: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    unknown: int = 0
    missing_in_journal: int = 0
    recovered: list[float] = field(default_factory=list)
    sentences: Counter[str] = field(default_factory=Counter)

    def audit(self, database: str, votings: Iterable[Voting], *, journal: Path | None) -> None:
        """Compare what was acknowledged with the database, and with one that is rebuilt from the journal."""
        ledgers = [voting.ledger for voting in votings]
        for voting in votings:
            self.sentences += voting.replies.failed + voting.replies.refused
        stored = audit(database, ledgers, study=STUDY)
        self.acknowledged = sum(len(ledger.acknowledged) for ledger in ledgers)
        self.lost, self.twice, self.unknown = stored.lost, stored.twice, stored.unknown
        if journal is not None:
            with tempfile.TemporaryDirectory() as folder:
                rebuilt = f"sqlite:///{folder}/rebuilt.sqlite3"
                rebuild([journal], rebuilt)
                self.missing_in_journal = audit(rebuilt, ledgers, study=STUDY).lost


def settled(database: str) -> None:
    """Wait until PostgreSQL has ended the transactions of processes that are gone."""
    store = Store(database)
    with store.reading() as connection:
        connection.execute(sa.select(sa.func.count()).select_from(ballots.join(votes)).where(ballots.c.study == STUDY))
        connection.execute(sa.text("LOCK TABLE votes IN EXCLUSIVE MODE"))
    store.close()


def answer_of(url: str, action: str, values: list[object]) -> tuple[str, Any]:
    """Call an action through its queue; return the name of the last event and its data, or the refusal's status."""
    with httpx.Client(base_url=url, timeout=ANSWER_S) as http:
        reply = http.post(f"/gradio_api/call/{action}", json={"data": values})
        if reply.status_code != httpx.codes.OK:
            return str(reply.status_code), reply.text
        return app_http.last_event(http.get(f"/gradio_api/call/{action}/{reply.json()['event_id']}").text)
