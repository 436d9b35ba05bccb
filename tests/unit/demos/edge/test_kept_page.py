"""The page is made once for an address, and nobody gets what was made for another."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from demos.edge import kept_page
from demos.edge.kept_page import KeptPage

FROM_PROXY = {"x-forwarded-host": "name.hf.space", "x-forwarded-proto": "https"}


class Gradio:
    """Counts the pages that it makes; `broken` says that it can't."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.broken = False

    async def page(self, request: Request) -> Response:
        await asyncio.sleep(0.05)
        if self.broken:
            return PlainTextResponse("The app starts.", 503)
        self.made.append(str(request.url))
        root = f"{request.headers.get('x-forwarded-host', 'app.example')}"
        if request.url.path == "/config":
            return JSONResponse({"made": len(self.made)})
        return HTMLResponse(f"<head><script>window.gradio_config = '{root}, {len(self.made)}'</script></head>")


@pytest.fixture
def gradio() -> Gradio:
    return Gradio()


@pytest.fixture
def client(gradio: Gradio) -> httpx.AsyncClient:
    kept = Middleware(KeptPage, head=lambda request: f"<meta content='{request.url.query}'>")
    routes = [Route(path, gradio.page, methods=["GET"]) for path in ("/", "/config")]
    app = Starlette(routes=routes, middleware=[kept])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app.example")


def together(client: httpx.AsyncClient, paths: list[str], **options: object) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        return await asyncio.gather(*(client.get(path, **options) for path in paths))  # type: ignore[arg-type]

    return asyncio.run(ask())


def test_a_class_that_comes_together_gets_one_page(
    client: httpx.AsyncClient, gradio: Gradio, monkeypatch: pytest.MonkeyPatch
):
    compressed: list[str] = []
    compress = kept_page._compressed
    monkeypatch.setattr(kept_page, "_compressed", lambda *values: compressed.append(values[2]) or compress(*values))
    answers = together(client, ["/"] * 20 + ["/?tab=gan"] * 20)
    assert len(gradio.made) == 1
    assert sorted(compressed) == ["<meta content=''>", "<meta content='tab=gan'>"]
    assert {answer.status_code for answer in answers} == {200}
    assert [answer.text.count("tab=gan") for answer in answers] == [0] * 20 + [1] * 20


def test_each_address_has_its_own_page(client: httpx.AsyncClient, gradio: Gradio):
    (own,) = together(client, ["/"])
    (proxied,) = together(client, ["/?"], headers=FROM_PROXY)
    assert "app.example, 1" in own.text
    assert "name.hf.space, 2" in proxied.text
    assert len(gradio.made) == 2


def test_the_description_for_scripts_is_made_once_too(client: httpx.AsyncClient, gradio: Gradio):
    assert {answer.text for answer in together(client, ["/config", "/config?x=1"] * 5)} == {'{"made":1}'}
    answers = together(client, ["/config?deep_link=a", "/config?deep_link=b", "/config"])
    assert sorted(answer.json()["made"] for answer in answers) == [1, 2, 3]
    assert len(gradio.made) == 3


@pytest.mark.parametrize("query", ["deep_link=abc", "page=other", "all_endpoints=1"])
def test_what_gradio_makes_anew_is_not_kept(client: httpx.AsyncClient, gradio: Gradio, query: str):
    for _ in range(2):
        together(client, [f"/?{query}"])
    assert len(gradio.made) == 2
    assert "app.example, 3" in together(client, ["/"])[0].text


def test_a_failure_is_told_and_not_kept(client: httpx.AsyncClient, gradio: Gradio):
    gradio.broken = True
    (answer,) = together(client, ["/"])
    assert (answer.status_code, answer.text) == (503, "The app starts.")
    gradio.broken = False
    assert together(client, ["/"])[0].status_code == 200


def test_no_more_pages_are_kept_than_there_is_room_for(client: httpx.AsyncClient, gradio: Gradio):
    together(client, [f"/?seed={number}" for number in range(3 * kept_page.KEPT)])
    assert len(gradio.made) == 1
    for number in range(2 * kept_page.ADDRESSES):
        together(client, ["/"], headers={"x-forwarded-host": f"host-{number}"})
    assert "app.example" in together(client, ["/?seed=0"])[0].text
