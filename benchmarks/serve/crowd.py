"""A crowd of visitors on a running app, and the time until it answers normally after a load far above it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from benchmarks import app_http
from benchmarks.serve.calls import NoAnswerError, Replies, Visitor, defaults
from benchmarks.serve.visitors import Kind, Visit, kinds, rater
from benchmarks.votes.ledger import Ledger

CONNECTIONS = 6  # of a visitor, that stay open between two requests, as in browsers
ARRIVING_S = 10.0  # over which the visitors come
LEAVING_S = 60.0  # for the last answers of those who would still wait


@dataclass(frozen=True)
class Group:
    """Visitors of one kind.

    Attributes:
        kind: what they do.
        number: how many.
        pause_s: mean seconds between two actions of one of them.
    """

    kind: Kind
    number: int
    pause_s: float


def groups(visitors: Mapping[str, tuple[int, float]], ledger: Ledger) -> dict[str, Group]:
    """Groups by name.

    Args:
        visitors: by the name of their kind, how many, and the mean seconds between two actions of one of them.
        ledger: gets the votes.
    """
    known = kinds(ledger)
    return {name: Group(known[name], number, pause_s) for name, (number, pause_s) in visitors.items()}


async def visit(
    http: httpx.AsyncClient, groups: Mapping[str, Group], replies: Replies, *, seconds: float, first: int, seed: int
) -> None:
    """Let visitors come, and return when the time is over and the last one has an answer or has left.

    Args:
        http: of the app.
        groups: by name.
        replies: where the answers are counted.
        seconds: of the visit.
        first: number of the first visitor; others have other network addresses.
        seed: chooses pictures and pauses.
    """
    values = await defaults(http)
    until = time.perf_counter() + seconds
    coming = [group for group in groups.values() for _ in range(group.number)]

    async def come(number: int, group: Group) -> None:
        rng = random.Random(1_000_003 * seed + number)  # noqa: S311 - no secret
        await asyncio.sleep(rng.uniform(0, min(ARRIVING_S, seconds / 2)))
        # connections of their own, as a browser has: a pool for a thousand visitors looks through all of them for each
        # request, and takes more of the machine than the app
        async with app_http.client(str(http.base_url), kept=CONNECTIONS) as own:
            visitor = Visitor(own, values, replies, number)
            await group.kind(visitor, Visit(until=until, pause_s=group.pause_s, rng=rng))

    tasks = [asyncio.create_task(come(first + number, group)) for number, group in enumerate(coming)]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds + LEAVING_S)
        for task in done:
            task.result()
    finally:
        for task in tasks:  # those who are still there leave: the browser closes the connection
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def recovery(http: httpx.AsyncClient, ledger: Ledger, *, normal_s: float, most_s: float = 60.0) -> float:
    """Seconds from now until a sample and a vote are answered normally.

    Args:
        http: of the app.
        ledger: gets the votes.
        normal_s: what a sample may take, and a vote.
        most_s: when to give up.
    """
    values, begun = await defaults(http), time.perf_counter()

    async def sample() -> bool:
        replies = Replies()
        visitor, start = Visitor(http, values, replies, 60_001), time.perf_counter()
        try:
            await visitor.call("sample", "sample", seed=1)
        except NoAnswerError:
            return False
        return time.perf_counter() - start <= normal_s

    async def vote() -> bool:
        replies = Replies()
        visitor = Visitor(http, values, replies, 60_002)
        rng = random.Random(1)  # noqa: S311
        await rater(ledger, most=1)(visitor, Visit(until=begun + most_s, pause_s=0.02, rng=rng))
        return bool(replies.seconds["a vote"]) and max(replies.seconds["a vote"]) <= normal_s

    while time.perf_counter() - begun < most_s:
        if all(await asyncio.gather(sample(), vote())):
            return time.perf_counter() - begun
        await asyncio.sleep(0.1)
    return float("inf")
