"""A section of the GAN tab: a plane of the latent space under the finger, drawn in the visitor's own browser."""

from __future__ import annotations

import html
import json
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

KEPT = {"Cache-Control": "public, max-age=3600"}
DIRECTIONS = 6  # two for the pad, a slider for each of the others
HELP = (
    "Each point of the map is another latent vector z near that of the held sample: across and up it moves along the "
    "two directions that change the pictures most."
)
SHELL = f"""
<div class="latent-pad" role="group" aria-label="A map of samples around the held one">
  <p class="note">{HELP}</p>
  <div class="pad-map">
    <canvas data-part="map" aria-hidden="true"></canvas>
    <button type="button" data-part="point" aria-label="The point on the map: arrow keys move it, Home takes it back"
      aria-describedby="pad-status"></button>
  </div>
  <canvas data-part="picture" role="img" aria-label="The sample at the point"></canvas>
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
    with gr.Accordion(
        "A map to explore", open=True, visible=in_browser[selection.first.name], elem_id="latent-pad"
    ) as section:
        gr.HTML(SHELL, padding=False, js_on_load=None)
        sample = gr.HTML(elem_id="latent-pad-sample", js_on_load=None)

    def describe(drawn: Selected) -> tuple[Any, Any]:
        """Tell the page's script which sample the map is around."""
        if not in_browser[drawn.model]:
            return gr.update(visible=False), gr.skip()
        info = selection.generators[drawn.model]
        with explained(EngineError):
            described = {
                "model": info.name,
                "title": info.title,
                "steps": info.steps,
                "step": drawn.step,
                "seed": drawn.seed,
                "position": drawn.position + 1,
                "z": engine.latent(info.name, seed=drawn.seed, index=drawn.position),
                "directions": engine.directions(info.name, count=DIRECTIONS),
            }
        return gr.update(visible=True), f"<data hidden value='{html.escape(json.dumps(described))}'></data>"

    gr.on(selection.drawn.change, describe, selection.drawn, [section, sample], **events.QUIET, **events.LATEST)


def route(engine: Engine) -> Route:
    """The address from which the page's script fetches a generator: `/generators/MODEL/STEP`."""

    def browser_file(request: Request) -> Response:
        try:
            content = engine.browser_file(request.path_params["model"], step=request.path_params["step"])
        except EngineError as error:
            return PlainTextResponse(str(error), status_code=404)
        return Response(content, media_type="application/octet-stream", headers=KEPT)

    return Route("/generators/{model}/{step:int}", browser_file)
