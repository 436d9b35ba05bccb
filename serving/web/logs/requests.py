"""A line in the log for each request, and the number by which other lines name the request that they belong to."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import addresses, visitor

log = logging.getLogger("just_look.requests")

KEY = "just_look.request"  # of the entry, in a request's scope
HEADER = b"x-request-id"


@dataclass
class RequestEntry:
    """What the log says about a request.

    Attributes:
        number: names it in every line.
        reason: why it was refused.
        answered: whether its own line is written.
    """

    number: str
    reason: str = ""
    answered: bool = False


_entry: ContextVar[RequestEntry | None] = ContextVar("request_entry", default=None)


def number() -> str:
    """The number of the request that is being answered; empty outside of one."""
    entry = _entry.get()
    return entry.number if entry else ""


@contextmanager
def about(scope: Scope) -> Iterator[None]:
    """While the block runs, lines of the log belong to the request with this scope."""
    token = _entry.set(scope.get(KEY))
    try:
        yield
    finally:
        _entry.reset(token)


def refused(reason: str) -> None:
    """Log why a request was refused: in its own line, or in one more where that is written already."""
    entry = _entry.get()
    if entry is None or entry.answered:
        log.warning("refused: %s", reason)
    else:
        entry.reason = reason


class Logged:
    """Numbers each request, and logs it when it is answered, by what `addresses.label` calls it.

    Args:
        app: what is behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with the number in a header."""
        begun, status = time.perf_counter(), 0
        entry = scope[KEY] = RequestEntry(secrets.token_hex(8))

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, entry.number.encode())]}
            await send(message)

        with about(scope):
            try:
                await self.app(scope, receive, sending)
            finally:
                entry.answered = True
                address, method = addresses.label(scope)
                values = {
                    "method": method,
                    "address": address,
                    "status": status,
                    "ms": round(1000 * (time.perf_counter() - begun), 1),
                    "visitor": visitor.hashed(visitor.of(scope)),
                }
                if entry.reason:
                    log.warning("refused: %s", entry.reason, extra=values)
                else:
                    log.info("answered", extra=values)
