"""Counts who listens for the results of queued calls: a result that nobody waits for need not be computed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import replies
from serving.web.addresses import API

log = logging.getLogger("just_look.results")

NO_RESULTS = "There are no results of this call: nobody read them in time, or the server has started anew. Call again."
QUEUE, CALL = f"{API}/queue/data", f"{API}/call/"


class Listeners:
    """Counts the open streams of each session of the page, and of each call of a script. Used in the event loop."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def hears(self, *names: str) -> bool:
        """Whether a stream is open for one of these sessions or calls."""
        return any(name in self._open for name in names)

    def enter(self, name: str) -> None:
        """Count a stream that opens."""
        self._open[name] += 1

    def leave(self, name: str) -> None:
        """Count a stream that closes."""
        self._open[name] -= 1
        if self._open[name] <= 0:
            del self._open[name]


class Listening:
    """Counts the requests that wait for results, as long as they are open.

    Args:
        app: what is behind.
        listeners: their numbers.
        knows: whether there are results of that name.
    """

    def __init__(self, app: ASGIApp, *, listeners: Listeners, knows: Callable[[str], bool]) -> None:
        self.app, self.listeners, self.knows = app, listeners, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        name = _stream(scope)
        if name is None:
            await self.app(scope, receive, send)
            return
        if not self.knows(name):
            await replies.refuse(scope, receive, send, status=404, sentence=NO_RESULTS)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        self.listeners.enter(name)
        try:
            await self.app(scope, receive, sending)
        except Exception as error:
            if not begun and _is_gone(error):  # the session ended while its results were about to be read
                await replies.refuse(scope, receive, send, status=404, sentence=NO_RESULTS)
                return
            if not begun:
                raise
            # Gradio has put an error into the stream, as where two read the results of one session and one leaves
            log.warning("a stream of results broke off: %s", type(error.__cause__ or error).__name__)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.listeners.leave(name)


def _is_gone(error: Exception) -> bool:
    """Whether Gradio found no session: a refusal which it could not send, because its answer had begun inside."""
    return isinstance(error.__cause__, HTTPException) and error.__cause__.status_code == 404


def _stream(scope: Scope) -> str | None:
    """The session or the call whose results a request waits for."""
    if scope["method"] != "GET":
        return None
    if scope["path"] == QUEUE:
        # as Starlette reads it: an empty name is a name, and the last one counts
        names = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("session_hash", [None])
        return names[-1]
    if scope["path"].startswith(CALL):
        return str(scope["path"]).rstrip("/").rpartition("/")[2]
    return None
