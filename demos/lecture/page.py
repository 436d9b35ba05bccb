"""The start page of the lecture: slide by slide a sentence, a link to what is done for you already, and the paper."""

from __future__ import annotations

import functools
import io
from html import escape
from pathlib import Path

from PIL import Image, ImageOps
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from assets import flags, samples, thumbnails, wall
from demos import plain_page
from lecture.path import Lecture, LectureStep, StepPicture, lecture

STYLES = Path(__file__).parent / "page.css"
SIZE = (528, 300)  # pixels: twice what a phone shows it at
FLAG = 5  # of the vendor's, the one that the link opens
KEPT = {"Cache-Control": "public, max-age=86400"}


def routes() -> list[Route]:
    """Return the addresses: the page, and the picture of each step."""
    return [Route("/lecture", _page), Route("/lecture/pictures/{step}", _picture)]


def html(path: Lecture) -> str:
    """Return the page."""
    steps = "".join(_step(number, step) for number, step in enumerate(path.steps, 1))
    body = f"""<main><header><h1>The lecture, step by step</h1><p>{escape(path.opening)}</p></header>
<nav aria-label="Ways in"><a class="button primary" href="#{path.steps[0].name}">Begin</a>
<a class="button" href="./">The app</a><a class="button" href="class">Join a class</a>
<a class="button" href="teach">Teach a class</a></nav>
<ol>{steps}</ol></main>"""
    return plain_page.page(path.title, body, styles=[STYLES])


def _step(number: int, step: LectureStep) -> str:
    paper = step.paper
    small = ' class="small"' if step.picture.photo is None else ""
    return f"""<li id="{step.name}"><img{small} src="lecture/pictures/{step.name}" alt="{escape(step.picture.alt)}"
 width="132" height="100" loading="lazy"><div><span class="number">{number}</span>
<h2>{escape(step.slide)}</h2><p class="says">{escape(step.says)}</p>
<p class="do"><a class="button primary" href="./{escape(step.open)}">Open it<span class="visually-hidden">:
 {escape(step.slide)}</span></a>
<span class="quiet">{escape(step.did)}</span></p>
<p class="paper quiet"><a href="{escape(paper.url)}" rel="noopener">{escape(paper.title)}
 ({escape(paper.authors)}, {paper.year})</a></p></div></li>"""


def _page(request: Request) -> Response:  # noqa: ARG001 - Starlette hands it over
    return HTMLResponse(html(lecture()))


def _picture(request: Request) -> Response:
    step = lecture().step(request.path_params["step"])
    if step is None:
        return PlainTextResponse("The lecture has no such step.", 404)
    content, kind = _drawn(step.picture)
    return Response(content, media_type=kind, headers=KEPT)


@functools.cache
def _drawn(wanted: StepPicture) -> tuple[bytes, str]:
    """The file of a step's picture, and its type."""
    if wanted.generator is not None:
        return Path(thumbnails.thumbnails()[wanted.generator].path).read_bytes(), "image/webp"
    content = io.BytesIO()
    if wanted.flags is not None:
        flags.flags(wanted.flags)[FLAG].convert("RGB").save(content, "PNG")
        return content.getvalue(), "image/png"
    photo, painting = wanted.photo, wanted.painting
    assert photo is not None
    file = next(sample.path for sample in samples.every_photo() if sample.name == photo)
    if painting is not None:
        file = wall.pictures()[photo][painting].path
    with Image.open(file) as picture:
        ImageOps.fit(picture.convert("RGB"), SIZE, centering=(0.5, 0.4)).save(content, "JPEG", quality=82)
    return content.getvalue(), "image/jpeg"
