"""What a browser shows where an address fails: a page that says what to do; scripts get JSON."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from demos import theme
from serving.web import error_page, replies
from serving.web.edge import Edge
from serving.web.listeners import Listeners
from serving.web.metrics import Metrics

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


async def _fails(request: Request) -> Response:
    status = int(request.query_params["status"])
    answers: dict[str, Response] = {
        "json": replies.refusal(status, "Too many <b>tries</b>: wait."),
        "text": PlainTextResponse("There is no such sample.", status),
        "null": JSONResponse({"error": None}, status),
        "html": HTMLResponse("<p>its own</p>", status),
        "large": PlainTextResponse("x" * 10**6, status),
    }
    answer = answers[request.query_params["as"]]
    answer.headers["Retry-After"] = "5"
    return answer


def ask(path: str, **options: Any) -> httpx.Response:
    edge = Edge(
        Starlette(routes=[Route("/config", _fails)]), listeners=Listeners(), metrics=Metrics(), knows=lambda _: True
    )

    async def run() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=edge), base_url="http://app") as client:
            return await client.request(options.pop("method", "GET"), path, **options)

    return asyncio.run(run())


def test_an_unknown_address_is_a_page_with_the_way_on():
    reply = ask("/nothing/here", headers=BROWSER)
    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/html")
    assert replies.NO_ADDRESS in reply.text
    assert '<a href="/">To the first page</a>' in reply.text
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    assert ask("/nothing/here").json()["error"] == replies.NO_ADDRESS


@pytest.mark.parametrize("status", [413, 429, 503])
def test_a_failure_keeps_its_status_and_its_sentence_as_text(status: int):
    reply = ask(f"/config?as=json&status={status}", headers=BROWSER)
    assert reply.status_code == status
    assert f"<h1>{error_page.TITLES[status]}</h1>" in reply.text
    assert "Too many &lt;b&gt;tries&lt;/b&gt;: wait." in reply.text
    assert reply.headers["retry-after"] == "5"
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [("text", "There is no such sample."), ("null", error_page.SENTENCE), ("large", error_page.SENTENCE)],
)
def test_every_form_of_failure_becomes_a_sentence(form: str, sentence: str):
    assert f"<p>{sentence}</p>" in ask(f"/config?as={form}&status=500", headers=BROWSER).text


def test_a_page_of_the_app_and_an_answer_that_is_no_failure_stay():
    assert ask("/config?as=html&status=404", headers=BROWSER).text == "<p>its own</p>"
    assert ask("/config?as=text&status=200", headers=BROWSER).text == "There is no such sample."


def test_the_first_page_is_found_behind_a_proxy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/look/")
    assert 'href="/look/"' in ask("/nothing", headers=BROWSER).text


def test_the_colours_are_those_of_the_app():
    look = theme.theme()
    for name in ("body_background_fill", "body_text_color", "link_text_color"):
        assert getattr(look, name) in error_page.PAGE
        assert getattr(look, f"{name}_dark") in error_page.PAGE
