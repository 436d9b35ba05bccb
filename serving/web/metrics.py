"""Prometheus metrics for those who keep the app running: requests, how long they took, memory, and waiting calls."""

from __future__ import annotations

import hmac
import math
import os
import time
from collections.abc import Callable, Mapping
from functools import partial

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web import addresses, replies
from serving.web.addresses import API

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, float("inf"))
STREAMS = (f"{API}/queue/data", f"{API}/heartbeat/*")  # stay open as long as a page does


class Metrics:
    """What is counted, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["address", "method"]
        self.requests = Counter(
            "just_look_requests", "Requests by address and status.", [*labels, "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "just_look_request_seconds", "Time to the answer's start.", labels, buckets=SECONDS, registry=self.registry
        )
        memory = Gauge("just_look_resident_bytes", "Memory of the process.", registry=self.registry)
        memory.set_function(lambda: psutil.Process().memory_info().rss)

    def watch(self, gauges: Mapping[str, tuple[str, Callable[[], float]]]) -> None:
        """Add numbers that are read when somebody asks.

        Args:
            gauges: by name: a sentence, and what reads the number.
        """
        for name, (sentence, read) in gauges.items():
            Gauge(f"just_look_{name}", sentence, registry=self.registry).set_function(partial(_number, read))

    def answer(self, request: Request) -> Response:
        """The metrics, for whoever has the token of `JUST_LOOK_METRICS_TOKEN`; without that setting there are none."""
        token = os.environ.get("JUST_LOOK_METRICS_TOKEN", "")
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
            return replies.refusal(404, replies.NO_ADDRESS)
        text = generate_latest(self.registry)
        return Response(text, headers={"Cache-Control": "no-store"}, media_type=CONTENT_TYPE_LATEST)


def _number(read: Callable[[], float]) -> float:
    """What a gauge reads; not a number where that fails, so that the other metrics are there."""
    try:
        return read()
    except Exception:
        return math.nan


class Measured:
    """Counts requests, by what `addresses.label` calls them.

    Args:
        app: what is behind.
        metrics: where they are counted.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does."""
        begun = time.perf_counter()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                address, method = addresses.label(scope)
                self.metrics.requests.labels(address, method, str(message["status"])).inc()
                if address not in STREAMS:
                    self.metrics.seconds.labels(address, method).observe(time.perf_counter() - begun)
            await send(message)

        if scope["type"] == "http" and scope["path"] == "/metrics":
            await self.metrics.answer(Request(scope))(scope, receive, send)
            return
        await self.app(scope, receive, sending)
