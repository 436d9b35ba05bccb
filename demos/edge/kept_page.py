"""The page is made once for each address it is asked by, however many visitors come at the same time.

Gradio makes its page anew for everyone: two megabytes of text, and 0.15 s in which the interpreter does little else.
All visitors by one address get the same, apart from the tags for a link's preview, so a class gets one page.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache
from gradio.route_utils import get_root_url
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESSES = 4  # whose pages are kept as Gradio made them, of 2 MB each
KEPT = 32  # pages with tags, of 0.8 MB each
OTHERS = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
CONFIG = b"<script>window.gradio_config"  # after the page's own tags, which only the head before it holds
OWN_PAGE = {"page", "deep_link", "all_endpoints"}  # what Gradio makes another page of
HTML = (b"content-type", b"text/html; charset=utf-8")


@dataclass(frozen=True)
class _Page:
    """Its entity tag, and its text, compressed."""

    etag: str
    content: bytes


class KeptPage:
    """Puts tags of its own into Gradio's page in place of Gradio's, compresses it, and keeps it.

    Args:
        app: what is behind.
        head: the tags for a request, as HTML.
    """

    def __init__(self, app: ASGIApp, *, head: Callable[[Request], str]) -> None:
        self.app, self._head = app, head
        self._texts: LRUCache[str, bytes] = LRUCache(ADDRESSES)
        self._pages: LRUCache[tuple[str, str], _Page] = LRUCache(KEPT)
        self._asking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, or with the page as it was made before."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or scope["path"].rstrip("/"):
            await self.app(scope, receive, send)
        elif scope["method"] == "HEAD":  # Gradio asks so at start, and gives up if its page takes three seconds
            await HTMLResponse()(scope, receive, send)
        else:
            answer = await self._answer(Request(scope), receive)
            if isinstance(answer, Response):
                await answer(scope, receive, send)
            else:
                for message in answer:
                    await send(message)

    async def _answer(self, request: Request, receive: Receive) -> Response | list[Message]:
        """The page, or what the app said instead."""
        head = self._head(request)
        address = get_root_url(request, route_path=request.url.path, root_path=request.scope.get("root_path"))
        page = self._pages.get((address, head))
        if page is None:
            text = await self._text(request, receive, address)
            if not isinstance(text, bytes):
                return text
            page = await run_in_threadpool(_made, text, head)
            if not _is_another(request):
                self._pages[address, head] = page
        return await _response(page, request)

    async def _text(self, request: Request, receive: Receive, address: str) -> bytes | list[Message]:
        """The page as Gradio makes it, or what the app said instead."""
        if _is_another(request):
            return _text_of(await self._asked(request, receive))
        async with self._asking:  # visitors who come together wait for one page
            if address not in self._texts:
                text = _text_of(await self._asked(request, receive))
                if not isinstance(text, bytes):
                    return text
                self._texts[address] = text
            return self._texts[address]

    async def _asked(self, request: Request, receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(request.scope, receive, keep)
        return messages


def _is_another(request: Request) -> bool:
    return not OWN_PAGE.isdisjoint(request.query_params.keys())


def _text_of(messages: list[Message]) -> bytes | list[Message]:
    """The text of a page; any other answer stays as it is."""
    start, *parts = messages
    if start["status"] != 200 or HTML not in start["headers"]:
        return messages
    return b"".join(part.get("body", b"") for part in parts)


def _made(text: bytes, head: str) -> _Page:
    content = with_tags(text, head)
    return _Page(f'"{hashlib.sha256(content).hexdigest()[:32]}"', gzip.compress(content, 6))


async def _response(page: _Page, request: Request) -> Response:
    """The page as this browser takes it; one that has it already asks whether there is a new version."""
    headers = {"etag": page.etag, "cache-control": "private, no-cache", "vary": "Accept-Encoding"}
    if page.etag in request.headers.get("if-none-match", "").replace("W/", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return HTMLResponse(page.content, headers={**headers, "content-encoding": "gzip"})
    return HTMLResponse(await run_in_threadpool(gzip.decompress, page.content), headers=headers)


def with_tags(page: bytes, own: str) -> bytes:
    """A page with its own tags in the head."""
    head, config, rest = page.partition(CONFIG)
    return OTHERS.sub(b"", head) + own.encode() + config + rest
