"""Addresses for those who keep the app running: whether it lives, and whether it can do its work."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

log = logging.getLogger("just_look.health")

UNCACHED = {"Cache-Control": "no-store"}


def routes(checks: Mapping[str, Callable[[], object]]) -> list[Route]:
    """`/healthz` answers while the process does; `/readyz` answers 503 where a check fails, and says which.

    Args:
        checks: by name; each raises an error that says what is wrong. Only the log gets it: the address is public.
    """

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=UNCACHED)

    async def readyz(_: Request) -> Response:
        states = {name: await run_in_threadpool(_state, name, check) for name, check in checks.items()}
        ready = all(state == "ok" for state in states.values())
        return JSONResponse(states, 200 if ready else 503, UNCACHED)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]


def _state(name: str, check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:
        log.warning("not ready: %s: %s: %s", name, type(error).__name__, error)
        return "failing"
    return "ok"
