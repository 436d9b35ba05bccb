"""Does it care where? A digit moved around a canvas, and two classifiers that answer at once, in the browser."""

from __future__ import annotations

import base64

import gradio as gr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from assets import digits
from demos.parts import explanation, html
from serving.engine import Engine
from serving.engine.convolutions import AccuracyOverPlaces

KEPT = {"Cache-Control": "public, max-age=3600"}
FIRST, RIGHT, DOWN = 7, 7, -6  # the digit at first sight, and how far from the centre it lies
ABOUT = (
    "Both networks learned from the same 60,000 digits, always in the centre. The fully connected one has a weight of "
    "its own for every pixel; where no digit ever lay, its weights learned nothing. The convolutional one uses the "
    "same filters everywhere, and at the end keeps only how strongly each filter responded somewhere (global pooling), "
    "not where. So it hardly matters to it where the digit is. Its answers still change a little from pixel to pixel, "
    "because it halves the picture twice: only a move by 4 pixels leaves them exactly the same."
)
SHELL = """
<div class="moved-digit" role="group" aria-label="A digit to move, and what two classifiers say">
  <div class="digit-left">
    <div class="digit-row" role="group" aria-label="Digits" data-part="samples"></div>
    <div class="digit-stage" data-part="stage">
      <canvas data-part="canvas" width="48" height="48" aria-hidden="true"></canvas>
      <button type="button" data-part="handle" aria-describedby="digit-place"
        aria-label="The digit: arrow keys move it, Home takes it back to the centre"></button>
    </div>
    <div class="digit-row">
      <button type="button" data-act="home">To the centre</button>
      <button type="button" data-act="draw" aria-expanded="false" aria-controls="digit-sheet">Draw your own</button>
    </div>
    <div class="digit-sheet" id="digit-sheet" data-part="sheet" hidden>
      <canvas data-part="drawing" width="280" height="280" role="img" aria-label="A sheet to draw a digit on"></canvas>
      <div class="digit-row"><button type="button" data-act="clear">Wipe the sheet</button></div>
      <p class="note">Draw one digit, large. It is made as large as the digits that both have learned, and centred.</p>
    </div>
    <p class="note" id="digit-place" data-part="place"></p>
  </div>
  <div class="digit-answers">{answers}</div>
  <p class="note digit-wide" data-part="share" aria-live="polite"></p>
  <p class="note digit-wide digit-scale"><span aria-hidden="true"></span> The maps show how often each network is right,
    by the place of the digit: from 0 % (dark) to 100 % (light). The ring is where the digit is; tap a map to put it
    elsewhere.</p>
  <p class="digit-wide digit-failed" data-part="failed" role="status"></p>
</div>
"""
ANSWER = """
<section data-classifier="{name}" aria-label="{title}">
  <h3>{title}</h3>
  <p class="note">{about}</p>
  <p class="digit-says" data-part="says">…</p>
  <div class="digit-bars" data-part="bars" role="img" aria-label="Its ten probabilities"></div>
  <figure>
    <div class="digit-map"><canvas data-part="map" width="{side}" height="{side}" role="img"
      aria-label="How often the {short} network is right, by the place of the digit"></canvas>
      <i data-part="ring" aria-hidden="true"></i></div>
    <figcaption>Right in the centre {centre}, on average over all places {mean}, at the worst {worst}.</figcaption>
  </figure>
</section>
"""


def build(engine: Engine) -> None:
    """Add the section; page/moved_digit.js runs it."""
    measured = engine.shifted_digits()
    answers = _answer("dense", "Fully connected", measured.dense) + _answer(
        "convolutional", "Convolutional", measured.convolutional
    )
    unpooled = measured.unpooled
    honest = (
        f" The convolutions alone are not enough: the same ones with a fully connected layer in place of the pooling "
        f"are right in {_percent(unpooled.in_the_centre)} of the cases in the centre, but in "
        f"{_percent(unpooled.mean_over_places)} on average over all places."
    )
    gr.HTML(
        explanation.heading("Does it care where?", ABOUT + honest, level=2), padding=False, elem_classes="see-heading"
    )
    described = {
        "digits": base64.b64encode(digits.FILE.read_bytes()).decode(),
        "first": FIRST,
        "right": RIGHT,
        "down": DOWN,
        "tested": measured.digits,
        "places": {"dense": measured.dense.places, "convolutional": measured.convolutional.places},
    }
    gr.HTML(
        SHELL.format(answers=answers) + html.values(described), padding=False, js_on_load=None, elem_id="moved-digit"
    )


def _answer(name: str, title: str, measured: AccuracyOverPlaces) -> str:
    return ANSWER.format(
        name=name,
        title=title,
        short=title.lower(),
        about=f"{measured.parameters:,} learned numbers",
        side=len(measured.places),
        centre=_percent(measured.in_the_centre),
        mean=_percent(measured.mean_over_places),
        worst=_percent(measured.worst_place),
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%"


def route(engine: Engine) -> Route:
    """The address from which the page's script fetches both classifiers."""

    def pair(_: Request) -> Response:
        return Response(engine.shift_pair(), media_type="application/octet-stream", headers=KEPT)

    return Route("/classifiers/shift-pair", pair)
