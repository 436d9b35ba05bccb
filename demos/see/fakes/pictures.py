"""The small pictures of the first sight, by their address: a browser fetches them when they come into view."""

from __future__ import annotations

import hashlib
import io

from PIL import Image
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

QUALITY = 72
CACHED = {"Cache-Control": "public, max-age=86400"}
_KEPT: dict[str, bytes] = {}


def address(picture: Image.Image) -> str:
    """Keep a picture for as long as the app runs, and say where it is served, relative to the page."""
    content = io.BytesIO()
    picture.save(content, "WEBP", quality=QUALITY)
    name = hashlib.sha256(content.getvalue()).hexdigest()[:16]
    _KEPT[name] = content.getvalue()
    return f"fakes/{name}.webp"


def route() -> Route:
    """The route under which the app serves the pictures."""
    return Route("/fakes/{name}.webp", _serve)


def _serve(request: Request) -> Response:
    content = _KEPT.get(request.path_params["name"])
    if content is None:
        return PlainTextResponse("There is no such picture.", 404)
    return Response(content, media_type="image/webp", headers=CACHED)
