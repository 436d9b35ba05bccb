"""Votes come first: readers of results take turns, one at a time, however many ask.

The app answers in one interpreter. With sixty readers who ask again at once, sixty requests would share it with each
vote. A reader who waits for a turn costs nothing, and after each turn comes a rest as long as the turn was. The turn
ends when the answer begins, or earlier, when the result has to be computed elsewhere (`leave`): so neither a slow
connection nor a long computation holds up the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import replies
from serving.web.addresses import API

_ACTIONS = ("rating_results", "rating_ranking", "rating_items", "rating_owner", "ranking", "export")
READING = frozenset(f"{API}/run/{action}" for action in _ACTIONS)
LONGEST_REST_S = 0.1
MOST_WAITING = 500
BUSY = "Very many people are looking at results: try again in a minute. Voting goes on."


class _Turn:
    """A request's turn, which ends once."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._loop = turns, asyncio.get_running_loop()
        self._begun = self._loop.time()
        self._ended = False

    def end(self) -> None:
        if not self._ended:
            self._ended = True
            rest = min(self._loop.time() - self._begun, LONGEST_REST_S)
            self._loop.call_later(rest, self._turns.next)

    def leave(self) -> None:
        """End it, from any thread."""
        self._loop.call_soon_threadsafe(self.end)


_turn: ContextVar[_Turn | None] = ContextVar("reading_turn", default=None)


def leave() -> None:
    """Let the next reader go on, because this one waits for something; from any thread, in a request or not."""
    if turn := _turn.get():
        turn.leave()


class Turns:
    """Lets one reader at a time go on, in the order in which they came.

    Args:
        app: what is behind.
        most_waiting: how many may wait; a further one is refused at once.
    """

    def __init__(self, app: ASGIApp, *, most_waiting: int = MOST_WAITING) -> None:
        self.app, self._most = app, most_waiting
        self._taken = False
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, a reader of results when it is its turn."""
        if scope["path"] not in READING:
            await self.app(scope, receive, send)
        elif len(self._waiting) >= self._most:
            await replies.refuse(scope, receive, send, status=503, sentence=BUSY, retry_s=30)
        else:
            await self._in_turn(scope, receive, send)

    async def _in_turn(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._my_turn()
        turn = _Turn(self)

        async def sending(message: Message) -> None:
            turn.end()
            await send(message)

        token = _turn.set(turn)
        try:
            await self.app(scope, receive, sending)
        finally:
            _turn.reset(token)
            turn.end()

    async def _my_turn(self) -> None:
        if not self._taken:
            self._taken = True
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it was given the turn just now
                self.next()
            raise

    def next(self) -> None:
        """Give the turn to the one that waits longest, or to nobody."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return
        self._taken = False
