"""Until the app is up, calls are sent away for some seconds: Gradio looks at its own page and must get it soon."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web import replies

SENTENCE = "The app is starting. Try again in a few seconds."
LONGEST_S = 15.0  # after the start, if the server never looks at its page


class Starting:
    """Refuses calls (POST) with 503 until the server has found its own page, for which Gradio waits three seconds.

    With 60 raters who sent their answers again and again, it took longer, and Gradio gave up.

    Args:
        app: what is behind.
        clock: seconds.
    """

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.app = app
        self._clock, self._begun = clock, clock()
        self.up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does once it is up."""
        if not self.up and self._clock() - self._begun > LONGEST_S:
            self.up = True
        if not self.up and scope["method"] == "POST":
            await replies.refuse(scope, receive, send, status=503, sentence=SENTENCE, retry_s=2)
            return
        await self.app(scope, receive, send)
        if scope["method"] == "HEAD" and scope["path"] == "/":
            self.up = True
