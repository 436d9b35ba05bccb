"""Requests that name a host, as browsers, proxies and rubbish do."""

import asyncio

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from serving.web import hosts
from serving.web.hosts import NamedHosts


async def _headers(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse(dict(Request(scope).headers))(scope, receive, send)


def ask(**headers: str) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app=NamedHosts(_headers))
        async with httpx.AsyncClient(transport=transport, base_url="http://look.example") as client:
            return await client.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})

    return asyncio.run(run())


@pytest.mark.parametrize(
    "host", ["look.example", "look.example:7860", "10.0.0.1:80", "[::1]:7860", "a_b-c.hf.space", ""]
)
def test_a_host_as_browsers_and_proxies_name_it_passes(host: str):
    assert ask(Host=host).status_code == 200
    assert ask(X_Forwarded_Host=host).status_code == 200


def test_of_several_forwarded_hosts_the_first_counts():
    assert ask(X_Forwarded_Host="look.example, inner:7860").status_code == 200
    assert ask(X_Forwarded_Host="in valid, look.example").status_code == 400


@pytest.mark.parametrize("host", ["[::1", "a\tb", "a b", "a/b", "user@b", "a%b", "x" * 300, "a:b", "a:999999"])
def test_what_is_no_host_is_refused_with_a_sentence(host: str):
    for reply in (ask(Host=host), ask(X_Forwarded_Host=host)):
        assert reply.status_code == 400
        assert reply.json()["error"] == hosts.NO_HOST


def test_nobody_tells_gradio_another_address_of_the_app():
    assert "x-gradio-server" not in ask(X_Gradio_Server="https://elsewhere.example").json()
