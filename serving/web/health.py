"""Addresses for those who keep the app running: whether it lives, and whether it can do its work."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

log = logging.getLogger("just_look.health")

UNCACHED = {"Cache-Control": "no-store"}
PROBE = 64 * 2**10  # bytes
PATIENCE_S = 5.0  # for a check


class NotReadyError(Exception):
    """The process does its work no more or not yet, and that is no failure; the message is the state, one word."""


def check_writable(*folders: Path) -> None:
    """Write a file into each folder and remove it, as what visitors send and vote would be written.

    Raises:
        OSError: the disk is full or read-only, or the folder can't be made.
    """
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE))
            file.flush()
            os.fsync(file.fileno())


class _Checks:
    """Runs each check in a thread of its own: one that hangs takes no thread from votes, and no second one."""

    def __init__(self, checks: Mapping[str, Callable[[], object]], patience_s: float) -> None:
        self._checks, self._patience_s = checks, patience_s
        self._threads = ThreadPoolExecutor(len(checks) or 1, thread_name_prefix="health")
        self._running: set[str] = set()

    async def states(self) -> dict[str, str]:
        states = await asyncio.gather(*map(self._state, self._checks))
        return dict(zip(self._checks, states, strict=True))

    async def _state(self, name: str) -> str:
        if name in self._running:
            log.warning("not ready: %s: it has not answered yet", name)
            return "failing"
        self._running.add(name)
        running = asyncio.get_running_loop().run_in_executor(self._threads, self._checks[name])
        running.add_done_callback(lambda _: self._running.discard(name))
        try:
            await asyncio.wait_for(asyncio.shield(running), self._patience_s)
        except NotReadyError as error:
            return str(error)
        except TimeoutError:
            log.warning("not ready: %s: no answer after %g s", name, self._patience_s)
            return "failing"
        except Exception as error:
            log.warning("not ready: %s: %s: %s", name, type(error).__name__, error)
            return "failing"
        return "ok"


def routes(checks: Mapping[str, Callable[[], object]], *, patience_s: float = PATIENCE_S) -> list[Route]:
    """`/healthz` answers while the process does; `/readyz` answers 503 where a check fails, and says which.

    Args:
        checks: by name; each raises an error that says what is wrong. Only the log gets it: the address is public.
            The word of a `NotReadyError` is public.
        patience_s: for a check; one that takes longer fails.
    """
    asked = _Checks(checks, patience_s)

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok", headers=UNCACHED)

    async def readyz(_: Request) -> Response:
        states = await asked.states()
        ready = all(state == "ok" for state in states.values())
        return JSONResponse(states, 200 if ready else 503, UNCACHED)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
