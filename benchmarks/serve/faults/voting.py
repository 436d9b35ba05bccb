"""Raters who vote in the background while something fails."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from types import TracebackType
from typing import Self

from benchmarks import app_http
from benchmarks.serve.calls import Replies, Visitor
from benchmarks.serve.visitors import Visit, rater
from benchmarks.votes.ledger import Ledger

RATERS = 8
PAUSE_S = 0.15  # raters here look at a pair no longer
PATIENCE_S = 30.0  # of the page for one request, as demos/page/delivery.js
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
