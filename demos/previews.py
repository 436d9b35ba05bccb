"""What a chat shows of a link to the app: title, sentence and picture; and the sample pictures by their address."""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from gradio.route_utils import get_root_url
from PIL import Image, ImageOps
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from assets import flags, samples, thumbnails, wall
from assets.samples import Sample
from demos.edge.calls import handlers
from demos.edge.kept_page import KeptPage
from demos.edge.start import behind_limits
from serving.web import addresses
from serving.web.service import Service

TITLE, SENTENCE = "Just Look", "Restyle a photo, roll a GAN, and judge with your own eyes."
SIZE = (1200, 630)  # pixels, what the Open Graph protocol's readers crop least
PAPER = (250, 248, 244)
GAP = 6
CACHED = {"Cache-Control": "public, max-age=86400"}


def app_settings(*, style: str = "", routes: Sequence[Route] = (), service: Service | None = None) -> dict[str, Any]:
    """What FastAPI needs for the routes and the tags, as `app_kwargs` of `launch`.

    Args:
        routes: further ones.
        service: the state of the process, for its metrics and its end.
        style: CSS that the page has from its first byte on; what Gradio adds later moves what is there already.
    """
    own = [
        Route("/samples/{kind}/{file}", _sample),
        Route("/flags/{vendor}/{number:int}.png", _flag),
        Route("/thumbnails/{file}", _thumbnail),
        Route("/preview.jpg", _preview),
        *routes,
    ]
    addresses.check(route.path for route in own)
    return {
        "routes": own,
        "middleware": [Middleware(KeptPage, head=lambda request: f"{tags(request)}<style>{style}</style>\n")],
        "exception_handlers": handlers(),
        "lifespan": functools.partial(behind_limits, service=service or Service()),
    }


def address(sample: Sample) -> str:
    """Where the app serves a sample, relative to the page."""
    return f"samples/{sample.file}"


def flag(vendor: str, number: int) -> str:
    """Where the app serves a flag as a vendor drew it, relative to the page."""
    return f"flags/{vendor}/{number}.png"


def thumbnail(generator: str) -> str | None:
    """Where the app serves a generator's thumbnail, relative to the page; None where none is stored."""
    stored = thumbnails.thumbnails().get(generator)
    if stored is None:
        return None
    return f"thumbnails/{stored.file}?{stored.sha256[:8]}"  # a new picture has a new address


def tags(request: Request) -> str:
    """The tags of a link, with absolute addresses as the visitor's browser sees them, also behind a proxy."""
    root = get_root_url(request, route_path=request.url.path, root_path=request.scope.get("root_path"))
    query = request.query_params
    pair = _pair(query)
    title, picture = TITLE, f"{root}/preview.jpg"
    described = "A photo of mountains, and the same photo in the style of five paintings"
    if pair:
        photo, painting = pair
        title = f"{photo.title} in the style of {painting.title}"
        described = f"{photo.alt}; beside it the same in the style of {painting.title} by {painting.author}"
        picture += f"?{urlencode({'photo': photo.name, 'painting': painting.name})}"
    url = f"{root}/?{urlencode(list(query.multi_items()))}" if query else f"{root}/"
    properties = {
        "og:site_name": TITLE,
        "og:type": "website",
        "og:url": url,
        "og:title": title,
        "og:description": SENTENCE,
        "og:image": picture,
        "og:image:type": "image/jpeg",
        "og:image:width": str(SIZE[0]),
        "og:image:height": str(SIZE[1]),
        "og:image:alt": described,
    }
    names = {
        "description": SENTENCE,
        "twitter:card": "summary_large_image",
        "twitter:title": title,
        "twitter:description": SENTENCE,
        "twitter:image": picture,
        "twitter:image:alt": described,
    }
    lines = [f'<meta property="{name}" content="{escape(value)}" />' for name, value in properties.items()]
    lines += [f'<meta name="{name}" content="{escape(value)}" />' for name, value in names.items()]
    return "\n".join(lines) + "\n"


def _pair(query: Mapping[str, str]) -> tuple[Sample, Sample] | None:
    """The sample photo and painting of a link, where it names both."""
    photos = {photo.name: photo for photo in samples.every_photo()}
    paintings = {painting.name: painting for painting in samples.paintings()}
    photo, painting = photos.get(query.get("photo", "")), paintings.get(query.get("painting", ""))
    return (photo, painting) if photo and painting else None


def _sample(request: Request) -> Response:
    wanted = f"{request.path_params['kind']}/{request.path_params['file']}"
    for sample in (*samples.every_photo(), *samples.paintings()):
        if sample.file == wanted:
            return FileResponse(sample.path, headers=CACHED)
    return PlainTextResponse("There is no such sample.", 404)


def _flag(request: Request) -> Response:
    vendor, number = request.path_params["vendor"], request.path_params["number"]
    if vendor not in flags.VENDORS or number >= len(flags.names()):
        return PlainTextResponse("There is no such flag.", 404)
    content = io.BytesIO()
    flags.flags(vendor)[number].save(content, "PNG")
    return Response(content.getvalue(), media_type="image/png", headers=CACHED)


def _thumbnail(request: Request) -> Response:
    for stored in thumbnails.thumbnails().values():
        if stored.file == request.path_params["file"]:
            return FileResponse(stored.path, headers=CACHED)
    return PlainTextResponse("There is no such thumbnail.", 404)


def _preview(request: Request) -> Response:
    pair = _pair(request.query_params)
    names = (pair[0].name, pair[1].name) if pair else None
    return Response(card(names), media_type="image/jpeg", headers=CACHED)


@functools.lru_cache(64)
def card(pair: tuple[str, str] | None) -> bytes:
    """A JPEG of `SIZE`: a photo beside the same in the style of a painting, else in the style of five.

    Args:
        pair: the names of a sample photo and a sample painting.
    """
    photos = {photo.name: photo.path for photo in samples.every_photo()}
    name = pair[0] if pair else samples.photos()[0].name
    styles = [pair[1]] if pair else [painting.name for painting in samples.paintings()[:5]]
    paths = [photos[name], *(wall.pictures()[name][style].path for style in styles)]
    columns = 2 if pair else 3
    width, height = (SIZE[0] - (columns - 1) * GAP) // columns, (SIZE[1] - (0 if pair else GAP)) // (1 if pair else 2)
    sheet = Image.new("RGB", SIZE, PAPER)
    for number, path in enumerate(paths):
        with Image.open(path) as picture:
            cell = ImageOps.fit(picture.convert("RGB"), (width, height), centering=(0.5, 0.35))
        sheet.paste(cell, (number % columns * (width + GAP), number // columns * (height + GAP)))
    encoded = io.BytesIO()
    sheet.save(encoded, "JPEG", quality=85)
    return encoded.getvalue()
