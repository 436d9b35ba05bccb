"""Failures as a page, where a person's browser shows them: what happened, and the way on."""

from __future__ import annotations

import html
import json
import os
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 64 * 2**10  # bytes of an answer that is looked at
TITLES = {
    404: "Nothing is here",
    405: "This does not work here",
    413: "This is too large",
    429: "Too many tries",
    503: "Not at the moment",
}
GENERAL = "That did not work"
SENTENCE = "Something went wrong on the server. Try again in a minute."
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Just Look</title><style>
:root {{ color-scheme: light dark; --page: #faf8f4; --ink: #1c1917; --link: #9a3412 }}
@media (prefers-color-scheme: dark) {{ :root {{ --page: #151413; --ink: #f5f5f4; --link: #f0906e }} }}
body {{ background: var(--page); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0 }}
main {{ max-width: 34rem; margin: 12vh auto 0; padding: 0 1.25rem; overflow-wrap: anywhere }}
h1 {{ font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem }}
a {{ color: var(--link); display: inline-block; padding: .75rem 0 }}
</style></head>
<body><main><h1>{title}</h1><p>{sentence}</p><a href="{home}">To the first page</a></main></body></html>"""


class ReadableErrors:
    """Gives a browser that opens an address a page in place of a failure's JSON; scripts get what the app answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, failures as a page where one is wanted."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        held = b""

        async def sending(message: Message) -> None:
            nonlocal start, held
            if message["type"] == "http.response.start" and _is_failure(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            held = (held + message.get("body", b""))[:LONGEST]
            if message.get("more_body"):
                return
            await _page(scope, receive, send, start=start, sentence=_sentence(held))

        await self.app(scope, receive, sending)


def _is_failure(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and not kind.startswith("text/html")


def _sentence(body: bytes) -> str:
    """The sentence of a failure, as JSON or as plain text."""
    text = body.decode("utf-8", "replace").strip()
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return text if text and len(text) < 400 else SENTENCE
    if isinstance(answer, dict):
        answer = answer.get("error") or answer.get("detail")
    return answer if isinstance(answer, str) and answer else SENTENCE


async def _page(scope: Scope, receive: Receive, send: Send, *, start: Message, sentence: str) -> None:
    root = os.environ.get("GRADIO_ROOT_PATH", "").rstrip("/") or scope.get("root_path", "")
    page = PAGE.format(
        title=TITLES.get(start["status"], GENERAL), sentence=html.escape(sentence), home=html.escape(f"{root}/")
    )
    kept = ("retry-after", "connection")
    headers = {name: value for name, value in Headers(raw=start["headers"]).items() if name in kept}
    answer = HTMLResponse(page, start["status"], {**headers, "Cache-Control": "no-store", "Vary": "Accept"})
    await answer(scope, receive, send)
