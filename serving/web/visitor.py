"""The network address of the visitor whose request is being answered, wherever the code runs that answers it."""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

_address: ContextVar[str] = ContextVar("visitor_address", default="")


def address() -> str:
    """The visitor's address; empty outside a request."""
    return _address.get()


def hashed(address: str) -> str:
    """An address as logs name it: the same for a day (UTC) and this process, and nobody can find the address from it.

    The key is random, changes each day and exists only in this process's memory.
    """
    if not address:
        return ""
    with _LOCK:  # two who come first would each make a key
        key = _key(datetime.now(UTC).date())
    return hmac.new(key, address.encode(errors="replace"), hashlib.sha256).hexdigest()[:12]


_LOCK = threading.Lock()


@functools.lru_cache(1)
def _key(_: date) -> bytes:
    return secrets.token_bytes(32)


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
