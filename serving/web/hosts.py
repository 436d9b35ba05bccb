"""Refuses requests that name a host of which no address can be made: Gradio makes addresses of it on every page."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web import replies

NO_HOST = "The request names no valid host. Open the app by its address."
FORWARDED, GRADIOS = "x-forwarded-host", b"x-gradio-server"
HOST = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")
LONGEST = 260  # characters: 253 of a name, and a port


def valid(host: str) -> bool:
    """Whether this is a name or an IP address, perhaps with a port."""
    return len(host) <= LONGEST and HOST.fullmatch(host) is not None


class NamedHosts:
    """Passes on requests for a valid host; takes away the header by which a caller could tell Gradio another one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 400."""
        headers = Headers(scope=scope)
        named = [headers.get("host", ""), headers.get(FORWARDED, "").partition(",")[0].strip()]
        if not all(valid(host) for host in named if host):
            await replies.refuse(scope, receive, send, status=400, sentence=NO_HOST)
            return
        if GRADIOS in (name for name, _ in scope["headers"]):
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != GRADIOS]}
        await self.app(scope, receive, send)
