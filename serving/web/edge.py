"""Everything between the app and the internet, in the order in which a request passes it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web.bodies import Bodies
from serving.web.ending import CountedRequests, Ending
from serving.web.error_page import ReadableErrors
from serving.web.headers import SafeHeaders
from serving.web.hosts import NamedHosts
from serving.web.listeners import Listeners, Listening
from serving.web.logs.requests import Logged
from serving.web.metrics import Measured, Metrics
from serving.web.origins import OwnCookies
from serving.web.outcome import Outcome
from serving.web.refusing import OnlyOpen
from serving.web.starting import Starting
from serving.web.visitor import KnownVisitor


class Edge:
    """The app behind its limits.

    Args:
        app: the app.
        listeners: counts the streams of results that are open.
        metrics: counts the requests.
        knows: whether there is a session or a call of that name whose results can be read.
        ending: counts the requests that have to be answered before the process ends.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        listeners: Listeners,
        metrics: Metrics,
        knows: Callable[[str], bool],
        ending: Ending | None = None,
    ) -> None:
        self.app = app
        inner: ASGIApp = Listening(Outcome(app), listeners=listeners, knows=knows)
        self.starting = Starting(OwnCookies(Bodies(KnownVisitor(inner))))
        counted = CountedRequests(self.starting, ending=ending or Ending())
        self.guarded = Logged(SafeHeaders(ReadableErrors(Measured(OnlyOpen(NamedHosts(counted)), metrics=metrics))))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the server's own messages go straight to the app."""
        await (self.app if scope["type"] == "lifespan" else self.guarded)(scope, receive, send)
