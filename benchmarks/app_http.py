"""The app over HTTP: a client for many visitors at once, and what the stream of an action ends with."""

from __future__ import annotations

import json
from typing import Any

import httpx

PATIENCE_S = 180.0


def client(url: str, *, patience_s: float = PATIENCE_S, kept: int = 200) -> httpx.AsyncClient:
    """A client for many visitors of one app.

    Args:
        url: of the app, to which the paths of requests are added.
        patience_s: for each answer.
        kept: most connections that stay open between two requests.
    """
    # Uvicorn closes connections that were idle for 5 s, httpx's own limit: a request could meet a closed one.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=kept, keepalive_expiry=1.0)
    # without `verify` and `trust_env`, which read files for each client: the apps are on this machine, without TLS
    return httpx.AsyncClient(base_url=url, limits=limits, timeout=patience_s, verify=False, trust_env=False)  # noqa: S501


def last_event(stream: str) -> tuple[str, Any]:
    """Name and data of the last server-sent event of an action: `complete` with its values, or `error`."""
    name, data = "", ""
    for line in stream.splitlines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data = line[6:]
    try:
        return name, json.loads(data)
    except ValueError:
        return name, data
