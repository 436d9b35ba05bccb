"""What the section that paints shows: the picture on its way, then beside the photo, its losses and its cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PIL import Image

from demos.parts import curve, html
from models.style.frames import Point
from models.style.terms import Weights
from serving.engine.painting import PaintedFrame, PaintingCost

WAITING = "Press Paint: the photo turns into the painting before your eyes, step by step."


def waiting(photo: Image.Image | None = None) -> str:
    """The photo, before anything is painted."""
    picture = _picture(photo, "The photograph, not yet painted") if photo else ""
    return f'<div class="board">{picture}</div>{html.note(WAITING, spoken=False)}'


def beside(original: Image.Image, painted: PaintedFrame, *, told: str) -> str:
    """A reconstruction on its way, beside what it reconstructs."""
    bar = html.progress(painted.step, painted.steps, label="Steps done")
    pair = html.row(
        [
            html.figure(original, alt="The original", caption="Original"),
            html.figure(painted.picture, alt=f"What is kept: {told}", caption=f"What is kept: {told}"),
        ]
    )
    return f"{pair}{bar}{html.note(f'Step {painted.step} of {painted.steps} · loss {painted.total:.3g}', spoken=False)}"


def frame(painted: PaintedFrame, *, alt: str = "The picture as it is painted just now") -> str:
    """A picture on its way, with how far it is."""
    told = (
        f"Step {painted.step:,} of {painted.steps:,} · {painted.seconds:.0f} s · "
        f"content loss {painted.content_loss:.3g} · style loss {painted.style_loss:.3g}"
    )
    bar = html.progress(painted.step, painted.steps, label="Steps done")
    return f'<div class="board">{_picture(painted.picture, alt)}</div>{bar}{html.note(told, spoken=False)}'


def compare(photo: Image.Image, picture: Image.Image, *, told: str, alt: str = "The painted picture") -> str:
    """A picture over the photograph, with a line to drag and the words for what is to be seen."""
    after = _picture(picture, alt, kind="after")
    before = _picture(photo.resize(picture.size), "The photograph before", kind="before")
    name = "Move the line between the photograph on the left and the painted picture on the right"
    line = f'<input type="range" min="0" max="100" value="50" aria-label="{name}">'
    return f'<div class="board compare">{after}{before}{line}</div>{html.note(told)}'


def done(painted: PaintedFrame) -> str:
    """What is to be seen after painting, in words."""
    left = painted.steps - painted.step
    so_far = f"Stopped after {painted.step:,} of {painted.steps:,} steps" if left else f"{painted.step:,} steps"
    return (
        f"Left of the line the photo, right of it the painting. {so_far} in {painted.seconds:.0f} s; "
        f"content loss {painted.content_loss:.3g}, style loss {painted.style_loss:.3g}. Continue goes on from here."
    )


def curves(points: Sequence[Point], steps: int, weights: Weights) -> str:
    """The losses of all steps so far, each with its weight, and their sum."""
    drawn = {
        "total": [point.total for point in points],
        "α · content": [weights.content * point.content for point in points],
        "β · style": [weights.style * point.style for point in points],
    }
    falls = f" from {points[0].total:.3g} to {points[-1].total:.3g}" if points else ""
    return curve.draw(drawn, steps=steps, caption=f"The loss over the steps, falling{falls}")


def heat_maps(maps: Mapping[str, Mapping[str, Image.Image]]) -> str:
    """Gram matrices of several pictures, a row for each layer."""
    return "".join(
        html.row(
            [
                html.figure(picture, alt=f"Gram matrix of the {name} at {layer}", caption=name.capitalize(), crisp=True)
                for name, picture in row.items()
            ],
            title=layer,
        )
        for layer, row in maps.items()
    )


def cost(told: PaintingCost, steps: int) -> str:
    """What a painting will take, before it is begun."""
    if told.refused:
        return told.refused
    width, height = told.size
    pieces = ", in tiles" if told.tiled else ""
    return (
        f"{width:,} × {height:,} pixels{pieces}: about {html.duration(steps * told.seconds)} for {steps:,} steps and "
        f"{told.memory / 1e9:.1f} GB of memory."
    )


def _picture(picture: Image.Image, alt: str, *, kind: str = "") -> str:
    width, height = picture.size
    url = html.data_url(picture, kind="JPEG", quality=92)
    size = f'width="{width}" height="{height}"'
    return f'<img class="{kind}" src="{url}" alt="{escape(alt)}" {size} decoding="sync">'  # no flash between frames
