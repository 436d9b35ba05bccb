"""Cookies say who a visitor is only in requests of the app's own page, never in those of another web site."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

PORTS = {"http": 80, "https": 443}


def foreign(headers: Headers) -> bool:
    """Whether another web site's page sends a request.

    A browser states the site in `Origin`, or in `Sec-Fetch-Site` where it sends no Origin. A person who follows a link
    to the app (`navigate`) comes from elsewhere and is still the visitor: a sign-in ends so. `X-Forwarded-Host` is what
    a proxy was asked for; a foreign page can't set it, because the browser asks for permission first (CORS).
    """
    origin = headers.get("origin")
    if origin is not None:
        hosts = [headers.get("host", ""), *headers.get("x-forwarded-host", "").split(",")]
        scheme = origin.partition("://")[0]
        return _host(origin) not in {_host(f"//{host.strip()}", scheme) for host in hosts if host}
    elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site")
    return elsewhere and headers.get("sec-fetch-mode") != "navigate"


def _host(address: str, scheme: str = "") -> tuple[str, int] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS.get(parts.scheme or scheme, 0)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None


class OwnCookies:
    """Takes the cookies out of requests of foreign pages, and out of posts that a foreign form navigates to."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, without cookies where it is foreign."""
        if foreign(Headers(scope=scope)):
            scope = {**scope, "headers": [header for header in scope["headers"] if header[0] != b"cookie"]}
        await self.app(scope, receive, send)
