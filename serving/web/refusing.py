"""Refuses every address that is not in the list, before anything behind it sees the request."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.web import addresses, replies


class OnlyOpen:
    """Passes on what `addresses.OPEN` lists, with the entry in `scope["address"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 404 or 405."""
        if scope["type"] == "websocket":  # the app has none
            await send({"type": "websocket.close", "code": 1000})
            return
        address = addresses.meant(scope["path"])
        if address is None:
            await replies.refuse(scope, receive, send, status=404, sentence=replies.NO_ADDRESS)
        elif not address.takes(scope["method"]):
            await replies.refuse(scope, receive, send, status=405, sentence=replies.NO_METHOD)
        else:
            scope["address"] = address
            await self.app(scope, receive, send)
