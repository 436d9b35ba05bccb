"""HTML of the painting section: preview, before and after, loss curves, cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PIL import Image

from demos.parts import curve, html
from models.style.options import Point, Weights
from serving.engine.durations import in_words
from serving.engine.painting import PaintedFrame, PaintingCost

WAITING = "Press Paint: the photo turns into a painting step by step."


def waiting(photo: Image.Image | None = None) -> str:
    """The photo, before anything is painted."""
    picture = _picture(photo, "The photograph, not yet painted") if photo else ""
    return f'<div class="board">{picture}</div>{html.note(WAITING, spoken=False)}'


def beside(original: Image.Image, painted: PaintedFrame, *, text: str) -> str:
    """A reconstruction on its way, beside what it reconstructs."""
    bar = html.progress(painted.step, painted.steps, label="Steps done")
    pair = html.row(
        [
            html.figure(original, alt="The original", caption="Original"),
            html.figure(painted.picture, alt=f"What is kept: {text}", caption=f"What is kept: {text}"),
        ]
    )
    return f"{pair}{bar}{html.note(f'Step {painted.step} of {painted.steps} · loss {painted.total:.3g}', spoken=False)}"


def frame(painted: PaintedFrame, *, alt: str = "The picture as it is painted just now") -> str:
    """A picture on its way, with how far it is."""
    text = (
        f"Step {painted.step:,} of {painted.steps:,}{_left(painted)} · {painted.seconds:.0f} s · "
        f"content loss {painted.content_loss:.3g} · style loss {painted.style_loss:.3g}"
    )
    bar = html.progress(painted.step, painted.steps, label="Steps done")
    return f'<div class="board">{_picture(painted.picture, alt)}</div>{bar}{html.note(text, spoken=False)}'


def compare(photo: Image.Image, picture: Image.Image, *, text: str, alt: str = "The painted picture") -> str:
    """A picture over the photograph, with a line to drag, and a caption."""
    after = _picture(picture, alt, kind="after")
    before = _picture(photo.resize(picture.size), "The photograph before", kind="before")
    name = "Move the line between the photograph on the left and the painted picture on the right"
    line = f'<input type="range" min="0" max="100" value="50" aria-label="{name}">'
    return f'<div class="board compare">{after}{before}{line}</div>{html.note(text)}'


def done(painted: PaintedFrame) -> str:
    """The caption of a painting that has ended or was stopped."""
    left = painted.steps - painted.step
    steps = "1 step" if painted.step == 1 else f"{painted.step:,} steps"
    so_far = f"Stopped after {painted.step:,} of {painted.steps:,} steps" if left else steps
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


def cost(estimate: PaintingCost, steps: int) -> str:
    """What a painting will take, estimated before it begins."""
    if estimate.refused:
        return estimate.refused
    width, height = estimate.size
    pieces = ", in tiles" if estimate.tiled else ""
    time = in_words(steps * estimate.seconds)
    memory = f"{estimate.memory / 1e9:.1f} GB of memory"
    return f"{width:,} × {height:,} pixels{pieces}: about {time} for {steps:,} steps and {memory}."


def _left(painted: PaintedFrame) -> str:
    """How long the rest will take at the pace so far; nothing before the first step."""
    rest = painted.steps - painted.step
    return f" · about {in_words(rest * painted.seconds / painted.step)} left" if rest and painted.step else ""


def _picture(picture: Image.Image, alt: str, *, kind: str = "") -> str:
    width, height = picture.size
    url = html.data_url(picture, kind="JPEG", quality=92)
    size = f'width="{width}" height="{height}"'
    return f'<img class="{kind}" src="{url}" alt="{escape(alt)}" {size} decoding="sync">'  # no flash between frames
