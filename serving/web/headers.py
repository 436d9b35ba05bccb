"""Headers that tell the browser what the page may do: its Content-Security-Policy and what goes with it."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.web.addresses import API

FRAMES = "'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
# Gradio writes its configuration and our scripts into the page, and makes functions of the events' JavaScript: so
# inline scripts and eval stay allowed. What is left: scripts, requests and frames reach no other host.
PAGE_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self' https://huggingface.co",
        f"frame-ancestors {FRAMES}",
    ]
)
FILE_POLICY = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox"
FILES = f"{API}/file="  # may come from visitors
HASHED = "/assets/"  # Gradio's scripts and styles have a digest in their names
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # a link of a study holds a participant's id
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
}


class SafeHeaders:
    """Adds the headers to every answer, and takes away the permission to read answers with a visitor's cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the app does, with these headers."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                headers.update(ALWAYS)
                from_visitors = scope["path"].startswith(FILES)
                headers["Content-Security-Policy"] = FILE_POLICY if from_visitors else PAGE_POLICY
                del headers["Access-Control-Allow-Credentials"]
                if scope["path"].startswith(HASHED) and message["status"] == 200:
                    headers["Cache-Control"] = "public, max-age=31536000, immutable"
            await send(message)

        await self.app(scope, receive, sending)
