"""The network address of the visitor whose request is being answered, wherever the code runs that answers it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from starlette.types import ASGIApp, Receive, Scope, Send

_address: ContextVar[str] = ContextVar("visitor_address", default="")


def address() -> str:
    """The visitor's address; empty outside a request."""
    return _address.get()


@contextmanager
def answering(address: str) -> Iterator[None]:
    """While the block runs, the visitor has this address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def of(scope: Scope) -> str:
    """The address in a request's scope; behind trusted proxies, the server has put the visitor's there."""
    client = scope.get("client")
    return client[0] if client else ""


class KnownVisitor:
    """Remembers the address while a request is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the address known."""
        with answering(of(scope)):
            await self.app(scope, receive, send)
