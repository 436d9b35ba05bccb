"""What the log says about requests: one line each, as JSON where that is set, and nothing that a visitor controls."""

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from serving.web import visitor
from serving.web.edge import Edge
from serving.web.listeners import Listeners
from serving.web.logs import lines as logs
from serving.web.logs import requests as request_log
from serving.web.metrics import Metrics

ADDRESS = "203.0.113.7"


async def _refuse(_: Request) -> Response:
    request_log.refused("ValueError in rating.py:33 open")
    return PlainTextResponse("no", 400)


async def _mention(request: Request) -> Response:
    logging.getLogger("just_look.owner").warning("closed: %s", request.query_params["study"])
    return PlainTextResponse("yes")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process writes; its settings of logging are put back."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logs.log.level, request_log.log.level)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", stream)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    logs.log.setLevel(before[2])
    request_log.log.setLevel(before[3])
    logging.captureWarnings(False)


def asked(*paths: str) -> list[httpx.Response]:
    routes = [Route("/gradio_api/run/refuse", _refuse, methods=["POST"]), Route("/config", _mention)]
    edge = Edge(Starlette(routes=routes), listeners=Listeners(), metrics=Metrics(), knows=lambda _: True)
    edge.starting.up = True

    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=edge, client=(ADDRESS, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://app.example") as client:
            return [await client.request("POST" if "run" in path else "GET", path) for path in paths]

    return asyncio.run(run())


def test_each_request_is_a_json_object_with_its_number(written: io.StringIO, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_LOG", "json")
    logs.configure()

    replies = asked("/config?study=a%00%0ab%7f%1b[31m", "/etc/passwd%0a", "/gradio_api/run/refuse")

    text = written.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    mentioned, answered, unknown, refused = lines
    assert not set(text) & set(map(chr, [*range(10), *range(11, 32), 127]))
    assert mentioned["message"] == "closed: a\0\nb\x7f\x1b[31m"
    assert mentioned["request_id"] == answered["request_id"] == replies[0].headers["x-request-id"]
    assert (answered["level"], answered["logger"]) == ("INFO", "just_look.requests")
    assert (answered["address"], answered["method"], answered["status"]) == ("/config", "GET", 200)
    assert answered["ms"] >= 0
    assert answered["time"].endswith("+00:00")
    assert (unknown["address"], unknown["status"]) == ("other", 404)
    assert (refused["message"], refused["status"]) == ("refused: ValueError in rating.py:33 open", 400)
    assert ADDRESS not in text
    assert answered["visitor"] == visitor.hashed(ADDRESS)


def test_as_text_only_refusals_are_there_and_a_request_has_one_line(
    written: io.StringIO, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("JUST_LOOK_LOG", raising=False)
    logs.configure()

    asked("/config?study=x%0aFORGED%00", "/nothing", "/gradio_api/run/refuse")

    mentioned, refused = written.getvalue().splitlines()
    assert mentioned.endswith(r"WARNING just_look.owner: closed: x\x0aFORGED\x00")
    assert refused.endswith("WARNING just_look.requests: refused: ValueError in rating.py:33 open")


def test_what_a_library_prints_and_tracebacks_are_json_too(written: io.StringIO, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_LOG", "json")
    logs.configure()

    sys.stdout.write("* Running on a local URL\n\n")
    try:
        raise OSError("disk")
    except OSError:
        logging.getLogger("a_library").exception("broke")

    printed, broke = (json.loads(line) for line in written.getvalue().splitlines())
    assert (printed["logger"], printed["message"]) == ("just_look.stdout", "* Running on a local URL")
    assert "OSError: disk" in broke["traceback"]


def test_a_form_that_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUST_LOOK_LOG", "xml")
    with pytest.raises(ValueError, match="JUST_LOOK_LOG: 'xml' is neither text nor json"):
        logs.configure()


def test_the_servers_own_lines_are_written_like_all_others():
    server = logging.getLogger("uvicorn.error")
    before: Any = (server.handlers[:], server.propagate)
    server.addHandler(logging.StreamHandler(io.StringIO()))
    server.propagate = False
    try:
        logs.take_over()
        assert (server.handlers, server.propagate) == ([], True)
    finally:
        server.handlers[:], server.propagate = before


def test_an_address_is_hashed_the_same_within_a_day():
    assert visitor.hashed(ADDRESS) == visitor.hashed(ADDRESS) != visitor.hashed("203.0.113.8")
    assert ADDRESS not in visitor.hashed(ADDRESS)
    assert visitor.hashed("") == ""
