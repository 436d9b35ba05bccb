"""Refuses every address that is not in the list, before anything behind it sees the request."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web import addresses, replies
from serving.web.addresses import Address


class OnlyOpen:
    """Passes on what `addresses` lists, with the entry in `scope["address"]`.

    Args:
        app: what is behind.
        listed: the open addresses.
    """

    def __init__(self, app: ASGIApp, *, listed: Sequence[Address] = addresses.OPEN) -> None:
        self.app, self.listed = app, listed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404 or 405."""
        if scope["type"] == "websocket":  # the app has none
            await send({"type": "websocket.close", "code": 1000})
            return
        address = addresses.meant(scope["path"], self.listed)
        if address is None:
            await replies.refuse(scope, receive, send, status=404, sentence=replies.NO_ADDRESS)
        elif not address.takes(scope["method"]):
            await replies.refuse(scope, receive, send, status=405, sentence=replies.NO_METHOD)
        else:
            scope["address"] = address
            await self.app(scope, receive, send)
