"""A link to the app is previewed with the app's own title, sentence and picture, also behind a proxy."""

import gzip
import io
import re

import brotli
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assets import flags, samples
from demos import previews
from demos.edge.kept_page import KeptPage

PAGE = """<html><head><title>Just Look</title><meta charset="utf-8" />
<meta property="og:title" content="Gradio" />
<meta
  property="og:image"
  content="https://example.org/header.jpg"
/>
<meta name="twitter:creator" content="@Gradio" />
<script>window.gradio_config = {"note": "<meta property='og:title'>"};</script></head></html>"""


@pytest.fixture
def client() -> TestClient:
    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    async def config(_: Request) -> JSONResponse:
        return JSONResponse({"title": "Just Look"})

    settings = previews.app_settings()
    routes = [Route("/", page), Route("/config", config), *settings["routes"]]
    assert [entry.cls for entry in settings["middleware"]] == [KeptPage]
    return TestClient(Starlette(routes=routes, middleware=settings["middleware"]), base_url="http://app.example")


def tags(html: str) -> dict[str, str]:
    pattern = r'<meta (?:property|name)="((?:og|twitter):[^"]+|description)" content="([^"]*)" />'
    pairs = re.findall(pattern, html.replace("&amp;", "&"))
    assert len(dict(pairs)) == len(pairs), "a tag is there twice"
    return dict(pairs)


def test_the_page_has_its_own_tags_and_none_of_gradios(client: TestClient):
    html = client.get("/").text
    own = tags(html)
    assert "Gradio" not in html.replace("gradio_config", "")
    assert "example.org" not in html
    assert own["og:title"] == own["twitter:title"] == "Just Look"
    assert own["og:description"] == own["description"] == previews.SENTENCE
    assert own["og:image"] == "http://app.example/preview.jpg"
    assert "\"<meta property='og:title'>\"" in html  # what is no tag stays as it is


def test_a_link_to_a_sample_pair_shows_that_pair(client: TestClient):
    own = tags(client.get("/?tab=style&photo=cat&painting=irises").text)
    assert own["og:title"] == "Chelsea the cat in the style of Irises"
    assert own["og:url"] == "http://app.example/?tab=style&photo=cat&painting=irises"
    assert own["og:image"] == "http://app.example/preview.jpg?photo=cat&painting=irises"
    assert client.get(own["og:image"]).content != client.get("/preview.jpg").content


def test_addresses_are_those_of_the_proxy(client: TestClient):
    headers = {"x-forwarded-host": "name.hf.space", "x-forwarded-proto": "https"}
    own = tags(client.get("/?seed=7", headers=headers).text)
    assert own["og:url"] == "https://name.hf.space/?seed=7"
    assert own["og:image"] == own["twitter:image"] == "https://name.hf.space/preview.jpg"


def test_a_hostile_link_writes_no_html(client: TestClient):
    html = client.get("/", params={"photo": '"><script>alert(1)</script>', "x": '"><b>'}).text
    assert "<script>alert" not in html
    assert "<b>" not in html


def test_the_page_comes_compressed_and_other_answers_as_they_are(client: TestClient):
    decompress = {"br": brotli.decompress, "gzip": gzip.decompress}
    for accepted, encoding in (
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("deflate", None),
        ("identity", None),
    ):
        with client.stream("GET", "/", headers={"accept-encoding": accepted}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == encoding, accepted
        assert int(answer.headers["content-length"]) == len(raw)
        assert b"og:image" in (decompress[encoding](raw) if encoding else raw)
    assert client.get("/config").json() == {"title": "Just Look"}


def test_a_page_that_the_browser_has_is_not_sent_again(client: TestClient):
    first = client.get("/")
    tag = first.headers["etag"]
    again = client.get("/", headers={"if-none-match": f"W/{tag}"})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert first.headers["cache-control"] == "private, no-cache"
    assert client.get("/?seed=7", headers={"if-none-match": tag}).status_code == 200  # another page


def test_asking_whether_the_page_is_there_costs_nothing():
    async def page(_: Request) -> HTMLResponse:
        raise AssertionError("the page was made")

    settings = previews.app_settings()
    app = Starlette(routes=[Route("/", page)], middleware=settings["middleware"])
    answer = TestClient(app).head("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("pair", ["shuttle&painting=apples", "dogs&painting=irises", "nobody&painting=apples", ""])
def test_a_card_has_the_size_that_is_announced(client: TestClient, pair: str):
    answer = client.get(f"/preview.jpg?photo={pair}")
    with Image.open(io.BytesIO(answer.content)) as card:
        assert (card.format, card.size) == ("JPEG", previews.SIZE)
    assert len(answer.content) < 300_000


def test_every_sample_has_an_address(client: TestClient):
    for sample in (*samples.every_photo(), *samples.paintings()):
        answer = client.get(f"/{previews.address(sample)}")
        assert answer.headers["content-type"] == "image/jpeg"
        with Image.open(io.BytesIO(answer.content)) as served, Image.open(sample.path) as own:
            assert served.tobytes() == own.tobytes()


def test_every_flag_has_an_address(client: TestClient):
    for vendor in flags.VENDORS:
        for number, flag in enumerate(flags.flags(vendor)):
            with Image.open(io.BytesIO(client.get(f"/{previews.flag(vendor, number)}").content)) as served:
                assert served.tobytes() == flag.tobytes()


@pytest.mark.parametrize("address", ["flags/noto/24.png", "flags/noto/-1.png", "flags/other/1.png"])
def test_there_are_no_other_flags(client: TestClient, address: str):
    assert client.get(f"/{address}").status_code == 404


@pytest.mark.parametrize("path", ["photos/none.jpg", "photos/..%2f..%2fapp.py", "paintings/cat.jpg"])
def test_nothing_else_is_served(client: TestClient, path: str):
    assert client.get(f"/samples/{path}").status_code == 404
