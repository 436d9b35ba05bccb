"""Requests as another web site, a script or a broken client would send them, through the whole edge."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from serving.web import bodies, origins, outcome, visitor
from serving.web.bodies import Bodies
from serving.web.edge import Edge
from serving.web.listeners import Listeners, Listening
from serving.web.metrics import Metrics
from serving.web.refusing import OnlyOpen
from serving.web.starting import LONGEST_S, Starting

JOIN = "http://app.example/gradio_api/queue/join"
Asked = Callable[..., Awaitable[httpx.Response]]


async def _whoami(request: Request) -> Response:
    return JSONResponse({"cookie": request.cookies.get("session"), "address": visitor.address()})


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _count(request: Request) -> Response:
    return PlainTextResponse(str(sum([len(piece) async for piece in request.stream()])))


async def _fail(request: Request) -> Response:
    outcome.fails_with(request.scope, 400)
    return JSONResponse({"error": "These values do not fit."}, 500)


async def _slow(_: Request) -> Response:
    raise TimeoutError("the app's own")


async def _breaks_off(_: Request) -> Response:
    async def results() -> AsyncIterator[str]:
        yield "event: error\n\n"
        raise KeyError("the session is gone")

    return StreamingResponse(results())


async def _credentials(_: Request) -> Response:
    return PlainTextResponse("x", headers={"Access-Control-Allow-Credentials": "true"})


def app() -> Starlette:
    return Starlette(
        routes=[
            Route("/", _whoami, methods=["GET"]),
            Route("/config", _credentials),
            Route("/gradio_api/queue/join", _length, methods=["POST"]),
            Route("/gradio_api/run/rating_answer", _whoami, methods=["POST"]),
            Route("/gradio_api/run/fails", _fail, methods=["POST"]),
            Route("/gradio_api/run/slow", _slow, methods=["POST"]),
            Route("/gradio_api/call/paint/broken", _breaks_off),
            Route("/gradio_api/call/paint/{event}", _whoami),
            Route("/gradio_api/queue/data", _whoami),
            Route("/gradio_api/upload", _count, methods=["POST"]),
            Route("/gradio_api/process_recording", _length, methods=["POST"]),
        ]
    )


@pytest.fixture
def ask() -> Asked:
    edge = Edge(app(), listeners=Listeners(), metrics=Metrics(), knows=lambda _: True)
    edge.starting.up = True

    async def ask(method: str, url: str, **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=edge, client=("203.0.113.7", 1))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url, **options)

    return ask


def answered(asked: Awaitable[httpx.Response]) -> httpx.Response:
    async def run() -> httpx.Response:
        return await asked

    return asyncio.run(run())


def test_what_is_not_listed_is_refused_before_its_body_is_read(ask: Asked):
    read = False

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read = True
        yield b"x"

    reply = answered(ask("POST", "http://app.example/gradio_api/process_recording", content=body()))
    assert reply.status_code == 404
    assert "no such address" in reply.json()["error"]
    assert not read


@pytest.mark.parametrize("stated", [True, False])
def test_a_call_above_its_limit_is_refused(ask: Asked, stated: bool):
    large = b" " * (5 * 2**20)

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 2**16):
            yield large[start : start + 2**16]

    reply = answered(ask("POST", JOIN, content=large if stated else pieces()))
    assert reply.status_code == 413
    assert reply.json()["error"] == bodies.too_large(4 * 2**20)


def test_a_call_with_very_many_values_is_refused_though_it_is_short(ask: Asked):
    reply = answered(ask("POST", JOIN, content=b"[" + b"[1]," * 30_000 + b"1]"))
    assert reply.status_code == 413
    assert reply.json()["error"] == bodies.COMPLEX


def test_a_usual_call_arrives_complete(ask: Asked):
    assert answered(ask("POST", JOIN, content=b"x" * 3_000_000)).text == "3000000"


def test_files_above_the_limit_are_refused_while_they_arrive(ask: Asked):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(41):
            yield bytes(2**20)

    reply = answered(ask("POST", "http://app.example/gradio_api/upload", content=pieces()))
    assert reply.status_code == 413
    assert "40 MB" in reply.json()["error"]
    small = answered(ask("POST", "http://app.example/gradio_api/upload", content=bytes(2**20)))
    assert small.text == str(2**20)


def test_bodies_that_are_held_at_once_have_a_budget():
    async def run() -> list[int]:
        limited = OnlyOpen(Bodies(app(), held=3 * 2**20))
        arrived, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield bytes(2 * 2**20)
            arrived.set()
            await go_on.wait()
            yield b"x"

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=limited)) as client:
            first = asyncio.create_task(client.post(JOIN, content=slow()))
            await arrived.wait()
            second = await client.post(JOIN, content=bytes(2 * 2**20))
            go_on.set()
            third = await client.post(JOIN, content=bytes(2**19))
            return [second.status_code, third.status_code, (await first).status_code]

    assert asyncio.run(asyncio.wait_for(run(), 20)) == [503, 200, 200]


def test_a_body_that_stops_arriving_is_given_up():
    async def run() -> httpx.Response:
        limited = OnlyOpen(Bodies(app(), patience_s=0.05))

        async def body() -> AsyncIterator[bytes]:
            yield b"x"
            await asyncio.Event().wait()

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=limited)) as client:
            return await client.post(JOIN, content=body())

    assert asyncio.run(asyncio.wait_for(run(), 20)).status_code == 408


def test_a_timeout_of_the_app_is_not_a_slow_body(ask: Asked):
    with pytest.raises(TimeoutError, match="the app's own"):
        answered(ask("POST", "http://app.example/gradio_api/run/slow", json={}))


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ({}, True),
        ({"Origin": "http://app.example"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://app.example:8000"}, False),
        ({"Origin": "https://space.example", "X-Forwarded-Host": "space.example"}, True),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, True),
    ],
)
def test_a_cookie_says_who_somebody_is_only_on_the_apps_own_page(ask: Asked, headers: dict[str, str], known: bool):
    reply = answered(ask("GET", "http://app.example/", headers={**headers, "Cookie": "session=owner"}))
    assert reply.json()["cookie"] == ("owner" if known else None)


def test_a_form_on_another_site_that_posts_to_the_app_is_nobody(ask: Asked):
    reply = answered(
        ask(
            "POST",
            "http://app.example/gradio_api/run/rating_answer",
            headers={"Cookie": "session=owner", "Origin": "https://evil.example", "Sec-Fetch-Mode": "navigate"},
        )
    )
    assert reply.json()["cookie"] is None


def test_no_site_may_read_answers_with_a_visitors_cookies(ask: Asked):
    reply = answered(ask("GET", "http://app.example/config", headers={"Origin": "https://evil.example"}))
    assert reply.status_code == 200
    assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("path", ["/", "/nothing", "/config"])
def test_every_answer_has_the_headers(ask: Asked, path: str):
    headers = answered(ask("GET", f"http://app.example{path}")).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'self' https://huggingface.co" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]


def test_a_failure_keeps_its_sentence_and_gets_its_own_status(ask: Asked):
    reply = answered(ask("POST", "http://app.example/gradio_api/run/fails", json={}))
    assert (reply.status_code, reply.json()["error"]) == (400, "These values do not fit.")


def test_the_visitors_address_is_known_while_a_request_is_answered(ask: Asked):
    assert answered(ask("GET", "http://app.example/")).json()["address"] == "203.0.113.7"
    assert visitor.address() == ""


def test_calls_wait_until_the_server_has_found_its_own_page():
    async def run() -> tuple[int, int, int]:
        edge = Edge(
            Starlette(routes=[Route("/", _whoami), *app().routes[2:]]),
            listeners=Listeners(),
            metrics=Metrics(),
            knows=lambda _: True,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge)) as client:
            before = await client.post(JOIN, content=b"x")
            await client.head("http://app.example/")
            after = await client.post(JOIN, content=b"x")
        return before.status_code, int(before.headers["retry-after"]), after.status_code

    assert asyncio.run(run()) == (503, 2, 200)


def test_calls_do_not_wait_for_ever_for_a_server_that_never_looks():
    async def run() -> list[int]:
        seconds = iter((0.0, LONGEST_S - 1, LONGEST_S + 1))
        starting = Starting(OnlyOpen(Bodies(app())), clock=seconds.__next__)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=starting)) as client:
            return [(await client.post(JOIN, content=b"x")).status_code for _ in range(2)]

    assert asyncio.run(run()) == [503, 200]


def test_the_origin_of_no_page_at_all_is_not_foreign():
    assert not origins.foreign(Headers({}))
    assert origins.foreign(Headers({"origin": "https://[broken", "host": "app.example"}))


def test_metrics_are_for_whoever_has_the_token_and_hold_no_text_of_visitors(
    ask: Asked, monkeypatch: pytest.MonkeyPatch
):
    url, token = "http://app.example/metrics", {"Authorization": "Bearer 0123-metrics"}
    assert answered(ask("GET", url, headers=token)).status_code == 404, "without the setting there are none"
    monkeypatch.setenv("JUST_LOOK_METRICS_TOKEN", "0123-metrics")
    assert answered(ask("GET", url)).status_code == 404
    assert answered(ask("GET", "http://app.example/secret-of-a-visitor")).status_code == 404
    assert answered(ask("POST", JOIN, content=b"x")).status_code == 200
    text = answered(ask("GET", url, headers=token)).text
    line = 'just_look_requests_total{address="/gradio_api/queue/join",method="POST",status="200"} 1.0'
    assert line in text
    assert 'address="other",method="other",status="404"' in text
    assert "secret-of-a-visitor" not in text
    assert "just_look_resident_bytes" in text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("call/paint/kept", 200),
        ("call/paint/gone", 404),
        ("queue/data?session_hash=kept", 200),
        ("queue/data?session_hash=gone", 404),
        ("queue/data?session_hash=", 404),
        ("queue/data?session_hash=kept&session_hash=", 404),  # as Gradio reads it: the last one counts
        ("queue/data?session_hash=&session_hash=kept", 200),
        ("queue/data", 200),  # Gradio says what is missing
    ],
)
def test_results_that_are_not_kept_are_not_waited_for(asked: str, status: int):
    async def run() -> int:
        edge = Edge(app(), listeners=Listeners(), metrics=Metrics(), knows=lambda name: name == "kept")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge)) as client:
            return (await client.get(f"http://app.example/gradio_api/{asked}")).status_code

    assert asyncio.run(run()) == status


def test_a_stream_that_breaks_off_ends_for_its_reader_and_is_logged_in_a_line(
    ask: Asked, caplog: pytest.LogCaptureFixture
):
    reply = answered(ask("GET", "http://app.example/gradio_api/call/paint/broken"))
    assert reply.text == "event: error\n\n"
    assert [record.getMessage() for record in caplog.records] == ["a stream of results broke off: KeyError"]


def test_a_session_that_ends_before_its_results_are_read_is_told_in_a_sentence(caplog: pytest.LogCaptureFixture):
    async def gradio(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            raise HTTPException(404)
        except HTTPException as error:  # as Starlette says it where an answer had begun inside
            raise RuntimeError("Caught handled exception, but response already started.") from error

    async def run() -> httpx.Response:
        listening = Listening(gradio, listeners=Listeners(), knows=lambda _: True)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=listening)) as client:
            return await client.get("http://app.example/gradio_api/call/paint/gone")

    reply = asyncio.run(run())
    assert (reply.status_code, caplog.text) == (404, "")
    assert "nobody read them in time" in reply.text
