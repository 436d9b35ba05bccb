"""The page is made once for each address it is asked by, however many visitors come at the same time.

Gradio makes its page anew for everyone: two megabytes of text, and 0.15 s in which the interpreter does little else. So
it is for scripts, with the description of the app. All who ask by one address get the same, apart from the page's tags
for a link's preview. A class that opens a link gets one page, made once.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import brotli
from cachetools import LRUCache
from gradio.route_utils import get_root_url
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESSES = 4  # whose pages are kept as Gradio made them, of 2 MB each
KEPT = 16  # as they are sent, of 1.4 MB each in both forms
QUALITY = 9  # of Brotli, 0 to 11: a page takes 0.08 s once, and the last two would take seconds
OTHERS = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
WINDOW = b"<script>window.gradio_config"  # after the page's own tags, which only the head before it holds
PAGE, CONFIG = "", "/config"
KINDS = {PAGE: "text/html", CONFIG: "application/json"}  # what is kept, by path
ANOTHER = {"page", "deep_link", "all_endpoints"}  # queries that Gradio makes another page of


@dataclass(frozen=True)
class _Kept:
    """What is sent: the entity tag, the kind, and the text, compressed, by the name of its encoding."""

    etag: str
    kind: str
    contents: Mapping[str, bytes]


class KeptPage:
    """Puts tags of its own into Gradio's page in place of Gradio's, compresses it, and keeps it.

    Args:
        app: what is behind.
        head: the tags for a request, as HTML.
    """

    def __init__(self, app: ASGIApp, *, head: Callable[[Request], str]) -> None:
        self.app, self._head = app, head
        self._texts: LRUCache[tuple[str, str], bytes] = LRUCache(ADDRESSES * len(KINDS))
        self._kept: LRUCache[tuple[str, str, str], _Kept] = LRUCache(KEPT)
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or with what it answered before."""
        path = scope["path"].rstrip("/") if scope["type"] == "http" else None
        if path == PAGE and scope["method"] == "HEAD":  # Gradio asks so at start, and gives up after three seconds
            await HTMLResponse()(scope, receive, send)
        elif path not in KINDS or scope["method"] != "GET":
            await self.app(scope, receive, send)
        else:
            answer = await self._answer(path, Request(scope), receive)
            if isinstance(answer, Response):
                await answer(scope, receive, send)
            else:
                for message in answer:
                    await send(message)

    async def _answer(self, path: str, request: Request, receive: Receive) -> Response | list[Message]:
        """What is kept, or what the app said instead."""
        head = self._head(request) if path == PAGE else ""
        if not ANOTHER.isdisjoint(request.query_params.keys()):
            text = _text_of(path, await self._asked(request, receive))
            return text if isinstance(text, list) else await _response(await _made(path, text, head), request)
        address = get_root_url(request, route_path=request.url.path, root_path=request.scope.get("root_path"))
        kept = self._kept.get((path, address, head))
        if kept is None:
            async with self._making:  # visitors who come together wait for one page
                kept = self._kept.get((path, address, head))
                if kept is None:
                    text = self._texts.get((path, address)) or _text_of(path, await self._asked(request, receive))
                    if isinstance(text, list):
                        return text
                    self._texts[path, address] = text
                    kept = self._kept[path, address, head] = await _made(path, text, head)
        return await _response(kept, request)

    async def _asked(self, request: Request, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(request.scope, receive, keep)
        return messages


def _text_of(path: str, messages: list[Message]) -> bytes | list[Message]:
    """The text of an answer; one of another kind stays as it is."""
    start, *parts = messages
    kinds = [value.decode() for name, value in start["headers"] if name == b"content-type"]
    if start["status"] != 200 or not any(kind.startswith(KINDS[path]) for kind in kinds):
        return messages
    return b"".join(part.get("body", b"") for part in parts)


async def _made(path: str, text: bytes, head: str) -> _Kept:
    return await run_in_threadpool(_compressed, path, text, head)


def _compressed(path: str, text: bytes, head: str) -> _Kept:
    content = with_tags(text, head) if path == PAGE else text
    contents = {"br": brotli.compress(content, quality=QUALITY), "gzip": gzip.compress(content, 6)}
    return _Kept(f'"{hashlib.sha256(content).hexdigest()[:32]}"', KINDS[path], contents)


async def _response(kept: _Kept, request: Request) -> Response:
    """What is kept, as the browser takes it; one that has it already asks whether there is a new version."""
    headers = {"etag": kept.etag, "cache-control": "private, no-cache", "vary": "Accept-Encoding"}
    if kept.etag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    offers = request.headers.get("accept-encoding", "").replace(" ", "").split(",")
    weights = (offer.partition(";q=") for offer in offers)
    accepted = {encoding for encoding, _, weight in weights if not weight or weight.strip("0.")}  # q=0 means never
    for encoding, content in kept.contents.items():
        if encoding in accepted:
            return Response(content, media_type=kept.kind, headers={**headers, "content-encoding": encoding})
    content = await run_in_threadpool(gzip.decompress, kept.contents["gzip"])
    return Response(content, media_type=kept.kind, headers=headers)


def with_tags(page: bytes, own: str) -> bytes:
    """A page with its own tags in the head."""
    head, window, rest = page.partition(WINDOW)
    return OTHERS.sub(b"", head) + own.encode() + window + rest
