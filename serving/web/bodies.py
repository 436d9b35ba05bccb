"""Limits on what a request carries, held before the app reads it."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import replies
from serving.web.addresses import MB, Address

VALUES = 50_000  # of a JSON body: parsing takes as long as there are values, and stops the event loop meanwhile
HELD = 256 * MB  # bytes of all bodies that are being read at a time
PATIENCE_S = 30.0  # for the next piece
WHOLE_S = 120.0  # for a body that is held

BUSY = "Very many large requests are arriving. Try again in a few seconds."
SLOW = "The request did not arrive completely. Check your connection and send it again."
COMPLEX = f"The request holds more than {VALUES:,} values. Send files as uploads."


def too_large(limit: int) -> str:
    """The sentence for a body above a limit."""
    size = f"{limit / MB:g} MB" if limit >= MB else f"{limit // 2**10} kB"
    return f"This is too large: up to {size} can be sent here. Make it smaller and try again."


class _RefusedError(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Bodies:
    """Reads the body of a call as a whole and counts it; counts uploaded files as they pass.

    Args:
        app: what is behind; `refusing.OnlyOpen` has put the address into the scope.
        held: bytes of all bodies that are held at a time.
        patience_s: for the next piece of a body.
    """

    def __init__(self, app: ASGIApp, *, held: int = HELD, patience_s: float = PATIENCE_S) -> None:
        self.app, self.most, self.patience_s = app, held, patience_s
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body, or answer 408, 413 or 503."""
        address: Address = scope["address"]
        stated = Headers(scope=scope).get("content-length", "0")
        if not stated.isdecimal() or int(stated) > address.body:
            await _answered(scope, receive, send, _RefusedError(413, too_large(address.body)))
        elif scope["method"] not in ("POST", "PUT", "PATCH", "DELETE"):
            await self.app(scope, receive, send)
        elif address.files:
            await self._counted(scope, receive, send, address.body)
        else:
            await self._whole(scope, receive, send, address.body)

    async def _whole(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        pieces: list[bytes] = []
        taken = 0
        try:
            try:
                async with asyncio.timeout(WHOLE_S):
                    while True:
                        message = await asyncio.wait_for(receive(), self.patience_s)
                        if message["type"] == "http.disconnect":
                            return
                        piece = message.get("body", b"")
                        taken += len(piece)
                        self.held += len(piece)
                        pieces.append(piece)
                        if taken > limit:
                            raise _RefusedError(413, too_large(limit))
                        if self.held > self.most:
                            raise _RefusedError(503, BUSY)
                        if not message.get("more_body"):
                            break
                body = b"".join(pieces)
                pieces.clear()
                if sum(body.count(mark) for mark in (b",", b"[", b"{")) > VALUES:
                    raise _RefusedError(413, COMPLEX)
            except TimeoutError:
                await _answered(scope, receive, send, _RefusedError(408, SLOW))
            except _RefusedError as refusal:
                await _answered(scope, receive, send, refusal)
            else:  # a timeout of the app is not a slow body
                await self.app(scope, _replayed(body, receive), send)
        finally:
            self.held -= taken

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        taken, refusal, begun = 0, None, False

        async def counting() -> Message:
            nonlocal taken, refusal
            try:
                message = await asyncio.wait_for(receive(), None if begun else self.patience_s)
            except TimeoutError:
                refusal = _RefusedError(408, SLOW)
                return {"type": "http.disconnect"}
            taken += len(message.get("body", b""))
            if taken > limit:
                refusal = _RefusedError(413, too_large(limit))
                return {"type": "http.disconnect"}  # the app stops reading, and removes what it has
            return message

        async def sending(message: Message) -> None:
            nonlocal begun
            if refusal is None:
                begun = True
                await send(message)

        try:
            await self.app(scope, counting, sending)
        except Exception:
            if refusal is None:
                raise
        if refusal is not None and not begun:
            await _answered(scope, receive, send, refusal)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _answered(scope: Scope, receive: Receive, send: Send, refusal: _RefusedError) -> None:
    options: dict[str, Any] = {"retry_s": 5} if refusal.status == 503 else {}
    await replies.refuse(scope, receive, send, status=refusal.status, sentence=refusal.sentence, **options)
