"""Long answers in threads of their own, such as results, exports and pictures: they never take those that votes need.

Gradio runs its handlers in forty threads. Sixty readers who wait for one analysis would hold them all, and a vote
would wait with them. Here a reader who waits holds no thread. Four hundred raters whose first pictures are drawn at
once would hold them too, and forty threads that compute keep the interpreter from the one that takes connections.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

SWITCH_S = 0.001  # a vote that waits for the interpreter gets it after so long, instead of Python's 5 ms each time
MOST_WAITING = 300  # requests; each later one is told to come back
RESULTS = "Very many people are looking at results: try again in a minute. Voting goes on."
P = ParamSpec("P")
T = TypeVar("T")


class BusyError(RuntimeError):
    """Too many requests wait already: a further one would wait too long."""

    http_status = 503


class Apart:
    """Runs actions in a few threads of their own. Safe to share between threads."""

    def __init__(self, *, threads: int, name: str, most_waiting: int = MOST_WAITING, busy: str = RESULTS) -> None:
        """Start no thread yet.

        Args:
            threads: how many actions run at once.
            name: of the threads.
            most_waiting: how many may wait or run; a further one is refused at once.
            busy: the sentence to those that are refused.
        """
        self._busy = busy
        sys.setswitchinterval(SWITCH_S)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = most_waiting
        self._inside = 0
        self._counting = threading.Lock()

    async def run(self, action: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
        """Run an action in one of the threads and return what it returns.

        Raises:
            BusyError: too many wait already.
        """
        with self._counting:
            if self._inside >= self._most:
                raise BusyError(self._busy)
            self._inside += 1
        try:
            work = partial(contextvars.copy_context().run, partial(action, *values, **named))
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            with self._counting:
                self._inside -= 1
