"""Malformed requests to every address and every action of a running app, the same ones for the same seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from benchmarks.serve.malformed import values
from serving.web.addresses import API, OPEN
from tests.support import gradio_routes

JSON = ("Content-Type", "application/json")
FORM = ("Content-Type", "multipart/form-data; boundary=b")
KINDS = ("arguments", "bodies", "types", "methods", "targets", "queries", "headers", "uploads", "raw", "cut", "flipped")


@dataclass(frozen=True)
class Malformed:
    """A request.

    Attributes:
        kind: of `KINDS`.
        name: what it is, for the report.
        content: the bytes that are sent.
        cut: whether the sender stops in the middle: then no answer is owed.
        follow: the address at which the result is read afterwards; `{id}` stands for the id that comes back.
    """

    kind: str
    name: str
    content: bytes
    cut: bool = False
    follow: str = ""


@dataclass(frozen=True)
class Action:
    """An action of the page, listed in the API or private.

    Attributes:
        name: of the action.
        number: Gradio's `fn_index`.
        queued: whether it goes through the queue.
        values: what it takes when nothing was changed on the page.
    """

    name: str
    number: int
    queued: bool
    values: tuple[Any, ...]


def actions(http: httpx.Client) -> list[Action]:
    """All actions of a running app, from its configuration."""
    config = http.get("/config").raise_for_status().json()
    initial = {component["id"]: component["props"].get("value") for component in config["components"]}
    return [
        Action(call["api_name"], call["id"], call["queue"], tuple(initial.get(number) for number in call["inputs"]))
        for call in config["dependencies"]
        if call["api_name"] and call["backend_fn"]
    ]


def addresses() -> list[str]:
    """Every address: those that are open, and all that Gradio brings, open or refused."""
    opened = [address.path.replace("*", "x") for address in OPEN]
    return sorted({*opened, *gradio_routes.paths(), "/metrics", "/nowhere", "/.env", "/app.py"})


def requests(known: list[Action], paths: list[str], *, seed: int, number: int) -> Iterator[Malformed]:
    """Requests of all kinds in turn.

    Args:
        known: the app's actions.
        paths: the app's addresses.
        seed: chooses their order and what is changed at random.
        number: how many.
    """
    rng = random.Random(seed)  # noqa: S311 - no secret
    kinds = (
        _shuffled(_arguments(known), rng),
        _shuffled(_bodies(known, paths), rng),
        _shuffled(_types(), rng),
        _shuffled(_methods(paths), rng),
        _shuffled(_targets(), rng),
        _shuffled(_queries(paths), rng),
        _shuffled(_headers(), rng),
        _shuffled(_uploads(), rng),
        _shuffled(_raw(), rng),
        _cut(known, rng),  # this kind and the next one never end
        _flipped(known, rng),
    )
    turns = itertools.chain.from_iterable(itertools.zip_longest(*kinds))
    return itertools.islice((request for request in turns if request is not None), number)


def encoded(
    method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", *, length: int | None = None
) -> bytes:
    """A request as bytes; a header that is given replaces the usual one.

    Args:
        method: of HTTP, or not.
        target: path and query, as they are sent.
        headers: names and values.
        body: of the request.
        length: stated in place of the true one.
    """
    usual = {"Host": "127.0.0.1", "Connection": "close"}
    if body or method in ("POST", "PUT", "PATCH"):
        usual["Content-Length"] = str(len(body) if length is None else length)
    given = {name for name, _ in headers}
    lines = [
        f"{name}: {value}"
        for name, value in [*usual.items(), *headers]
        if (name, value) in headers or name not in given
    ]
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""])
    return head.encode("latin-1", "replace") + body


def _shuffled(source: Iterator[Malformed], rng: random.Random) -> Iterator[Malformed]:
    requests = list(source)
    rng.shuffle(requests)
    return iter(requests)


def _sent(action: Action, body: bytes, *, kind: str, name: str) -> Malformed:
    """A body as a call of an action, by the way that the page or a script would take."""
    way = "call" if action.queued else "run"
    follow = f"{API}/call/{action.name}/{{id}}" if action.queued else ""
    content = encoded("POST", f"{API}/{way}/{action.name}", (JSON,), body)
    return Malformed(kind, f"{way}/{action.name} {name}", content, follow=follow)


def _arguments(known: list[Action]) -> Iterator[Malformed]:
    for action in known:
        for place in range(len(action.values)):
            for value in values.VALUES:
                given = [*action.values[:place], value, *action.values[place + 1 :]]
                yield _sent(action, values.body(given), kind="arguments", name=f"[{place}] = {value!r:.30}")
        for count in (len(action.values) + 3, max(0, len(action.values) - 1)):
            yield _sent(action, values.body([None] * count), kind="arguments", name=f"{count} values")


def _bodies(known: list[Action], paths: list[str]) -> Iterator[Malformed]:
    own = {f"{API}/run/{action.name}" for action in known if not action.queued and action.name.startswith("rating")}
    taking = [address.path.replace("*", "sample") for address in OPEN if "POST" in address.methods]
    for path in sorted({*own, *taking, f"{API}/process_recording", f"{API}/vibe-edit"} | ({"/login"} & set(paths))):
        for body in values.BODIES:
            yield Malformed("bodies", f"{path} {body[:40]!r}", encoded("POST", path, (JSON,), body))


def _types() -> Iterator[Malformed]:
    for path in ("run/rating_open", "call/sample", "queue/join", "upload", "cancel", "mcp/"):
        for kind in values.TYPES:
            for body in (b'{"data":[]}', b"\xff\x00", b""):
                headers = (("Content-Type", kind),)
                yield Malformed("types", f"{path} {kind} {body!r}", encoded("POST", f"{API}/{path}", headers, body))


def _methods(paths: list[str]) -> Iterator[Malformed]:
    for path in paths:
        for method in values.METHODS:
            for body in (b"", b'{"data":[5]}'):
                content = encoded(method, path, (JSON,) if body else (), body)
                yield Malformed("methods", f"{method} {path}", content)


def _targets() -> Iterator[Malformed]:
    for address in OPEN:
        begin = address.path.rstrip("*")
        for tail in values.TAILS:
            for method in address.methods:
                yield Malformed("targets", f"{method} {begin}{tail[:40]}", encoded(method, f"{begin}{tail}", (JSON,)))


def _queries(paths: list[str]) -> Iterator[Malformed]:
    for path in paths:
        for query in values.QUERIES:
            yield Malformed("queries", f"GET {path}{query[:40]}", encoded("GET", f"{path}{query}"))


def _headers() -> Iterator[Malformed]:
    targets = [
        ("GET", "/"),
        ("GET", "/metrics"),
        ("GET", f"{API}/file=app.py"),
        ("GET", "/samples/photos/mountains.jpg"),
    ]
    targets += [
        ("POST", f"{API}/run/rating_open"),
        ("POST", f"{API}/upload"),
        ("GET", f"{API}/mcp/"),
        ("POST", "/class/join"),
    ]
    for method, target in targets:
        for header in values.HEADERS:
            length = header[0] in ("Content-Length", "Transfer-Encoding")  # the server may wait for what never comes
            name = f"{method} {target} {header[0]}: {header[1][:30]!r}"
            yield Malformed("headers", name, encoded(method, target, (header,)), cut=length)


def _uploads() -> Iterator[Malformed]:
    for query in ("", "?upload_id=x", "?upload_id=%00"):
        for body in values.UPLOADS:
            content = encoded("POST", f"{API}/upload{query}", (FORM,), body)
            yield Malformed("uploads", f"upload{query} {body[:60]!r}", content)


def _raw() -> Iterator[Malformed]:
    for content in values.RAW:
        yield Malformed("raw", repr(content[:40]), content, cut=True)


def _cut(known: list[Action], rng: random.Random) -> Iterator[Malformed]:
    """Requests that stop in the middle of their head or body."""
    while True:
        action = rng.choice(known)
        whole = _sent(action, values.body(list(action.values)), kind="cut", name="").content
        if rng.random() < 0.2:
            body = values.part('form-data; name="files"; filename="x.png"', rng.randbytes(5_000))
            whole = encoded("POST", f"{API}/upload", (FORM,), body)
        end = rng.randrange(1, len(whole))
        yield Malformed("cut", f"{action.name} after {end} of {len(whole)} bytes", whole[:end], cut=True)


def _flipped(known: list[Action], rng: random.Random) -> Iterator[Malformed]:
    """Calls with some bytes of their bodies changed."""
    while True:
        action = rng.choice(known)
        body = bytearray(values.body(list(action.values), session_hash="flipped", fn_index=action.number))
        for _ in range(rng.randrange(1, 6)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        yield _sent(action, bytes(body), kind="flipped", name="")
