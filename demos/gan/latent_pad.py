"""A section of the GAN tab: a plane of the latent space under the finger, drawn in the visitor's own browser."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from demos.gan.selection import Selected, Selection
from demos.parts import events
from demos.parts.inputs import explained
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sampling import GeneratorInfo

KEPT = {"Cache-Control": "public, max-age=3600"}
DIRECTIONS = 6  # two for the map, a slider for each of the others
HELP = (
    "Each point of the map is another latent vector z near that of the held sample. You choose what changes across and "
    "up, and along the sliders."
)
STRONGEST, NAMED, SINGLE = (  # sets of directions to move along
    "The strongest changes",
    "Changes with a meaning",
    "Single numbers of z",
)
LABEL_REACH = 2.0  # of a label's number for one step of the map: at the edge, 3 steps on, it exceeds the other labels'
SHELL = f"""
<div class="latent-pad" role="group" aria-label="A map of samples around the held one">
  <p class="note">{HELP}</p>
  <div class="pad-offer" data-part="offer" hidden>
    <button type="button" data-part="fetch" aria-describedby="pad-offer"></button>
    <div data-part="coming" hidden>
      <progress aria-label="Fetched so far"></progress><span data-part="amount"></span>
    </div>
    <p class="note" id="pad-offer">Once it is there, your own device draws the map, with or without the server.</p>
  </div>
  <div class="pad-map">
    <canvas data-part="map" aria-hidden="true"></canvas>
    <button type="button" data-part="point" aria-label="The point on the map: arrow keys move it, Home takes it back"
      aria-describedby="pad-status"></button>
  </div>
  <canvas data-part="picture" role="img" aria-label="The sample at the point"></canvas>
  <div class="pad-set">
    <label>Move along <select data-part="set"></select></label>
    <p class="note" data-part="axes"></p>
  </div>
  <div data-part="sliders"></div>
  <div class="pad-row">
    <button type="button" data-part="home">Back to the held sample</button>
    <button type="button" data-part="save">Save the picture</button>
  </div>
  <p class="note" id="pad-status" data-part="status" aria-live="polite"></p>
</div>
"""


def build(engine: Engine, selection: Selection) -> None:
    """Add the section; it is visible while the chosen generator runs in a browser."""
    in_browser = {info.name: info.in_browser for info in selection.generators.values()}
    first = Selected(selection.first.name, selection.first.steps[-1], selection.seed.value, selection.held.value - 1)
    with gr.Accordion("A map to explore", open=True, visible=in_browser[first.model], elem_id="latent-pad") as section:
        gr.HTML(SHELL, padding=False, js_on_load=None)
        # With the first sample in it, the map does not wait for the server when the tab is opened.
        sample = gr.HTML(
            _data(engine, selection, first, " data-first") if in_browser[first.model] else "",
            elem_id="latent-pad-sample",
            js_on_load=None,
        )

    def describe(drawn: Selected) -> tuple[Any, Any]:
        """Tell the page's script which sample the map is around."""
        if not in_browser[drawn.model]:
            return gr.update(visible=False), gr.skip()
        with explained(EngineError):
            return gr.update(visible=True), _data(engine, selection, drawn)

    gr.on(selection.drawn.change, describe, selection.drawn, [section, sample], **events.QUIET, **events.LATEST)


def _data(engine: Engine, selection: Selection, drawn: Selected, attribute: str = "") -> str:
    """A sample as an element that the page's script reads."""
    info = selection.generators[drawn.model]
    described = {
        "model": info.name,
        "title": info.title,
        "steps": info.steps,
        "step": drawn.step,
        "seed": drawn.seed,
        "position": drawn.position + 1,
        "megabytes": info.browser_bytes / 1e6,
        "z": engine.latent(info.name, seed=drawn.seed, index=drawn.position),
        "sets": _sets(engine, info),
    }
    return f"<data hidden{attribute} value='{html.escape(json.dumps(described))}'></data>"


def _sets(engine: Engine, info: GeneratorInfo) -> dict[str, Any]:
    """The sets of directions of a generator: their title, and the axes in them."""
    strongest = [
        _axis(f"Direction {number}", f"direction {number}", vector)
        for number, vector in enumerate(engine.directions(info.name, count=DIRECTIONS), 1)
    ]
    named = [
        _axis(direction.title, f"{direction.low} to {direction.high}", direction.vector)
        for direction in engine.named_directions(info.name)
    ]
    single = [
        _axis(f"z[{i}]", f"z[{i}]", [float(i == place) for place in range(info.z_dim)])
        for i in engine.influential(info.name, count=DIRECTIONS)
    ]
    sets = {
        "strongest": (STRONGEST, strongest),
        "named": (NAMED, named),
        "labels": (f"The label: {', '.join(info.labels[:3])} …", label_axes(info)),
        "single": (SINGLE, single),
    }
    return {name: {"title": title, "axes": axes} for name, (title, axes) in sets.items() if len(axes) >= 2}


def label_axes(info: GeneratorInfo) -> list[dict[str, Any]]:
    """Axes from a label to the next, which move two of the last numbers of z: one falls while the other rises."""
    axes = []
    for low in range(0, len(info.labels) - 1, 2):
        places = [i - (info.z_dim - len(info.labels)) for i in range(info.z_dim)]  # among the labels
        vector = [LABEL_REACH * ((place == low + 1) - (place == low)) for place in places]
        start, end = info.labels[low : low + 2]
        axes.append(_axis(f"{start} – {end}", f"{start} to {end}", vector))
    return axes


def _axis(title: str, about: str, vector: Sequence[float]) -> dict[str, Any]:
    return {"title": title, "about": about, "vector": [round(number, 5) for number in vector]}


def route(engine: Engine) -> Route:
    """The address from which the page's script fetches a generator: `/generators/MODEL/STEP`."""

    def browser_file(request: Request) -> Response:
        try:
            content = engine.browser_file(request.path_params["model"], step=request.path_params["step"])
        except EngineError as error:
            return PlainTextResponse(str(error), status_code=404)
        return Response(content, media_type="application/octet-stream", headers=KEPT)

    return Route("/generators/{model}/{step:int}", browser_file)
