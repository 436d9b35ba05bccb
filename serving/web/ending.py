"""The end of the process: the first signal lets work finish, for a bounded time; the second one ends it at once."""

from __future__ import annotations

import logging
import os
import signal
import time
from types import FrameType

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web.health import NotReadyError
from serving.web.limits import number

log = logging.getLogger("just_look.ending")

SIGNALS = (signal.SIGTERM, signal.SIGINT)
CHECK_S = 0.1


class Ending:
    """Whether this process was told to end, and what it still has to answer.

    Args:
        patience_s: how long work that is under way may go on after the first signal.
    """

    def __init__(self, *, patience_s: float = 25.0) -> None:
        self.patience_s = patience_s
        self.requests = 0  # that change something (POST) and are not answered yet; counted in the event loop
        self.status = 0  # of the process
        self._begun = False

    @classmethod
    def from_environment(cls) -> Ending:
        """With the patience of `JUST_LOOK_DRAIN_SECONDS`.

        Raises:
            ValueError: the setting is not a positive number.
        """
        return cls(patience_s=number("JUST_LOOK_DRAIN_SECONDS", 25.0))

    def listen(self) -> None:
        """Listen to the signals; in the main thread only."""
        for name in SIGNALS:
            signal.signal(name, self._hear)

    def begin(self, *, status: int = 0) -> None:
        """End as after a signal.

        Args:
            status: of the process; other than 0 where it ends because of a fault.
        """
        self.status = status
        self._begun = True  # and no threading.Event: its lock may be held where a signal interrupts the main thread

    def wait(self) -> None:
        """Return when the process is told to end."""
        while not self._begun:
            time.sleep(CHECK_S)

    def check(self) -> None:
        """For `/readyz`.

        Raises:
            NotReadyError: the process ends.
        """
        if self._begun:
            raise NotReadyError("draining")

    def _hear(self, signal_number: int, _: FrameType | None) -> None:
        if self._begun:
            os._exit(128 + signal_number)
        self.begin()


class CountedRequests:
    """Counts the requests that change something while they are answered.

    Args:
        app: what is behind.
        ending: where they are counted.
    """

    def __init__(self, app: ASGIApp, *, ending: Ending) -> None:
        self.app, self.ending = app, ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        if scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        self.ending.requests += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.ending.requests -= 1
