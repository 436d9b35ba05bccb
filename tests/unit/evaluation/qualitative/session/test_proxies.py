"""A visitor's address is the peer's, unless a trusted proxy says whom it forwards; nobody else is believed."""

import asyncio
import os

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from demos.just_look.rating import address
from evaluation.qualitative.session.proxies import LOOPBACK, SPACE, trust_proxies, trusted_proxies


async def visitor(request: Request) -> PlainTextResponse:
    return PlainTextResponse(address(request))


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUST_LOOK_TRUSTED_PROXIES", raising=False)
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # the server's own setting would believe everybody


async def address_seen(peer: str, *forwarded: str) -> str:
    """The address that the app sees behind the server as Gradio configures it."""
    trust_proxies()
    config = uvicorn.Config(Starlette(routes=[Route("/", visitor)]))
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        reply = await client.get("/", headers=[("X-Forwarded-For", value) for value in forwarded])
    return reply.text


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        (None, "127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        (None, "::1", ["203.0.113.7"], "203.0.113.7"),
        (None, "127.0.0.1", [], "127.0.0.1"),
        (None, "127.0.0.1", ["198.51.100.9, 203.0.113.7"], "203.0.113.7"),
        (None, "203.0.113.7", ["198.51.100.9"], "203.0.113.7"),
        (None, "10.16.3.4", ["198.51.100.9"], "10.16.3.4"),
        ("10.16.0.0/16", "10.16.3.4", ["203.0.113.7"], "203.0.113.7"),
        ("10.16.0.0/16", "127.0.0.1", ["203.0.113.7"], "127.0.0.1"),
        ("10.16.0.0/16, 192.0.2.1", "10.16.3.4", ["198.51.100.9, 203.0.113.7, 192.0.2.1"], "203.0.113.7"),
        ("10.16.0.0/16", "10.16.3.4", ["198.51.100.9", "203.0.113.7"], "203.0.113.7"),
        ("", "127.0.0.1", ["203.0.113.7"], "127.0.0.1"),
    ],
)
def test_the_last_hop_that_is_no_trusted_proxy_counts(
    monkeypatch: pytest.MonkeyPatch, trusted: str | None, peer: str, forwarded: list[str], expected: str
):
    if trusted is not None:
        monkeypatch.setenv("JUST_LOOK_TRUSTED_PROXIES", trusted)

    assert asyncio.run(address_seen(peer, *forwarded)) == expected


def test_a_space_trusts_its_own_proxy(monkeypatch: pytest.MonkeyPatch):
    assert trusted_proxies() == LOOPBACK

    monkeypatch.setenv("SPACE_ID", "lab/just-look")
    assert trusted_proxies() == f"{LOOPBACK},{SPACE}"


@pytest.mark.parametrize("setting", ["*", "proxy.example", "10.0.0.0/33", "10.0.0.1/8"])
def test_what_is_no_network_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, setting: str):
    monkeypatch.setenv("JUST_LOOK_TRUSTED_PROXIES", setting)

    with pytest.raises(ValueError, match=r"JUST_LOOK_TRUSTED_PROXIES: .* is neither an address nor a network"):
        trust_proxies()
    assert os.environ["FORWARDED_ALLOW_IPS"] == "*"
