"""Votes come first: readers of results take turns, and so do those whose pictures have to be drawn.

The app answers in one interpreter. With sixty readers who ask again at once, sixty requests would share it with each
vote. A reader who waits for a turn costs nothing, and after each turn comes a rest as long as the turn was. The turn
ends when the answer begins, or earlier, when the result has to be computed elsewhere (`leave`): so neither a slow
connection nor a long computation holds up the others.

Of those whose pictures have to be drawn, a few go on at once. Where too many wait, the next one reads so here, before
Gradio has worked on the request: with a thousand visitors that work alone took a second.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import replies
from serving.web.addresses import API

LONGEST_REST_S = 0.1
RETRY_S = 30


@dataclass(frozen=True, kw_only=True)
class Lane:
    """Requests that take turns with each other.

    Attributes:
        paths: of the requests.
        at_once: how many have a turn at a time.
        most_waiting: how many may wait for one; a further one is refused at once.
        rests: whether each turn is followed by a rest as long as it was.
        busy: the sentence to those that are refused.
    """

    paths: frozenset[str]
    at_once: int
    most_waiting: int
    rests: bool
    busy: str


def _calls(*actions: str) -> frozenset[str]:
    return frozenset(f"{API}/run/{action}" for action in actions)


READING = Lane(
    paths=_calls("rating_results", "rating_ranking", "rating_items", "rating_owner", "ranking", "export"),
    at_once=1,
    most_waiting=500,
    rests=True,
    busy="Very many people are looking at results: try again in a minute. Voting goes on.",
)
DRAWING = max(4, 2 * (os.cpu_count() or 1))  # ballots at a time: more threads would keep votes from the interpreter
MOST_RATERS = 100  # who wait for their pictures: on two cores for two to seven seconds
MANY = (
    "Very many people are voting at the moment, and their pictures have to be drawn: there is room in a minute. What "
    "you have answered counts."
)
BALLOTS = Lane(
    paths=_calls("rating_open", "rating_act", "rating_questions", "rating_ahead", "rating_last"),
    at_once=2 * DRAWING,  # some are on their way to or from a thread that draws
    most_waiting=MOST_RATERS,
    rests=False,
    busy=MANY,
)


class _Turn:
    """A request's turn, which ends once."""

    def __init__(self, line: _Line) -> None:
        self._line, self._loop = line, asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._ended = False

    def end(self) -> None:
        if self._ended:
            return
        self._ended = True
        if self._line.lane.rests:
            self._loop.call_later(min(self._loop.time() - self._begun, LONGEST_REST_S), self._line.next)
        else:
            self._line.next()

    def leave(self) -> None:
        """End it, from any thread."""
        self._loop.call_soon_threadsafe(self.end)


_turn: ContextVar[_Turn | None] = ContextVar("reading_turn", default=None)


def leave() -> None:
    """Let the next reader go on, because this one waits for something; from any thread, in a request or not."""
    if turn := _turn.get():
        turn.leave()


class _Line:
    """Those of a lane who have their turn, and those who wait for it, in the order in which they came."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self._free = lane.at_once
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def full(self) -> bool:
        return len(self._waiting) >= self.lane.most_waiting

    async def my_turn(self) -> _Turn:
        """Wait for a turn."""
        if self._free:
            self._free -= 1
            return _Turn(self)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given the turn just now
                self.next()
            elif mine in self._waiting:  # whoever has left takes no place
                self._waiting.remove(mine)
            raise
        return _Turn(self)

    def next(self) -> None:
        """Give a turn to the one that waits longest, or to nobody."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._free += 1


class Turns:
    """Lets a few requests of each lane at a time go on, in the order in which they came, and all others at once.

    Args:
        app: what is behind.
        lanes: the requests that take turns.
    """

    def __init__(self, app: ASGIApp, *, lanes: Sequence[Lane] = (READING, BALLOTS)) -> None:
        self.app = app
        self._lines = {path: line for line in map(_Line, lanes) for path in line.lane.paths}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, a request of a lane when it is its turn."""
        line = self._lines.get(scope["path"])
        if line is None:
            await self.app(scope, receive, send)
        elif line.full:
            await replies.refuse(scope, receive, send, status=503, sentence=line.lane.busy, retry_s=RETRY_S)
        else:
            await self._in_turn(line, scope, receive, send)

    async def _in_turn(self, line: _Line, scope: Scope, receive: Receive, send: Send) -> None:
        turn = await line.my_turn()

        async def sending(message: Message) -> None:
            turn.end()
            await send(message)

        token = _turn.set(turn)
        try:
            await self.app(scope, receive, sending)
        finally:
            _turn.reset(token)
            turn.end()
