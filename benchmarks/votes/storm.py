"""Many raters voting at once through the HTTP API."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from benchmarks import app_http
from benchmarks.votes.ledger import Ledger

DISK = Path("/var/tmp")  # noqa: S108 - on a disk; /tmp may be in memory

# Through the queue, as Gradio's clients do; or in one request; or as the page's script, whose reply says who agrees.
Way = Literal["call", "run", "page"]

CHOICES = ("left", "right", "tie", "skip")
TWICE_IN = 10  # every tenth vote is sent twice at once, as by a double click
PATIENCE_S = 60.0


@dataclass(kw_only=True)
class Storm(Ledger):
    """The answers that the raters got; a vote without an acknowledgement is an error here, and never unclear.

    Attributes:
        errors: all answers that were no acknowledgement.
        asking: seconds of each `next_ballot`.
        casting: seconds of each `cast_vote`.
        received: bytes of the answers, as they came.
        seconds: from the first request to the last answer.
    """

    errors: list[str] = field(default_factory=list)
    asking: list[float] = field(default_factory=list)
    casting: list[float] = field(default_factory=list)
    received: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Votes per second."""
        return len(self.acknowledged) / self.seconds


def storm(
    url: str, *, study: str, raters: int, votes_each: int, seconds: float = PATIENCE_S, way: Way = "call"
) -> Storm:
    """Let many raters vote at once, each as fast as the app answers.

    Args:
        url: of the running app.
        study: a public study.
        raters: number of raters.
        votes_each: number of votes after which a rater stops.
        seconds: time after which no rater begins another ballot.
        way: how to call an action of Gradio.
    """

    async def all_at_once() -> Storm:
        result = Storm()
        async with app_http.client(f"{url}/gradio_api/", patience_s=PATIENCE_S, kept=2 * raters) as client:
            caller = _Caller(client, result, way)
            start = time.perf_counter()
            until = start + seconds
            await asyncio.gather(*(_rate(caller, study, number, votes_each, until) for number in range(raters)))
            result.seconds = time.perf_counter() - start
        return result

    return asyncio.run(all_at_once())


async def _rate(caller: _Caller, study: str, number: int, votes_each: int, until: float) -> None:
    rater, choices = "", itertools.islice(itertools.cycle(CHOICES), number % len(CHOICES), None)
    for turn in range(votes_each):
        if (begun := time.perf_counter()) >= until:
            return
        ballot = await caller.call("next_ballot", rater, study)
        caller.storm.asking.append(time.perf_counter() - begun)
        if ballot is None:
            continue
        rater, choice = ballot["rater"], next(choices)
        clicks = 2 if (number + turn) % TWICE_IN == 0 else 1
        await asyncio.gather(*(_vote(caller, ballot["ballot"], choice, rater) for _ in range(clicks)))


async def _vote(caller: _Caller, ballot: str, choice: str, rater: str) -> None:
    begun = time.perf_counter()
    if caller.way == "page":
        answer = await caller.call("rating_answer", rater, ballot, choice, 1200, None)
    else:
        answer = await caller.call("cast_vote", ballot, choice, rater, 1200, None, False)
    caller.storm.casting.append(time.perf_counter() - begun)
    if answer is not None:
        caller.storm.acknowledged[ballot] = choice
        caller.storm.fresh[ballot] += not answer.get("already_counted", True)  # the page is not told


class _Caller:
    """Calls the actions of the app and notes the errors."""

    def __init__(self, client: httpx.AsyncClient, storm: Storm, way: Way) -> None:
        self.storm = storm
        self._client = client
        self.way = way

    async def call(self, action: str, *data: Any) -> dict[str, Any] | None:
        """Return the answer of an action, or None after an error."""
        try:
            answer = await self._client.post(f"{'call' if self.way == 'call' else 'run'}/{action}", json={"data": data})
            self.storm.received += answer.num_bytes_downloaded
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(f"{answer.status_code} {answer.text:.200}")
            if self.way != "call":
                reply = answer.json()["data"][0]
                if sentence := reply.get("refused") or reply.get("unavailable"):
                    raise RuntimeError(sentence)
                return reply
            events = await self._client.get(f"call/{action}/{answer.json()['event_id']}")
            self.storm.received += events.num_bytes_downloaded
            name, values = app_http.last_event(events.text)
            if name != "complete":
                raise RuntimeError(f"{name} {values}")
            return values[0]
        except (httpx.HTTPError, RuntimeError, ValueError) as error:
            self.storm.errors.append(f"{action}: {type(error).__name__} {error}")
            return None
