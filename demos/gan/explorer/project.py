"""A part of the explorer: the point whose picture is nearest to a visitor's own, searched for before their eyes."""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr
from PIL import Image

from demos.gan import about, reproduce
from demos.gan.explorer import points
from demos.gan.explorer.explore import ExplorerParts
from demos.gan.explorer.visited import Visited
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation, html, python_text, stopping
from demos.parts.inputs import explained, picture_input, refuse
from demos.parts.stopping import OFF
from media import images, provenance
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.exploring import Projection

MAX_SIDE = 512  # pixels kept of a visitor's picture
MOST_DRAWN = 400_000  # characters of a drawing
HELP = "Draw a digit, or choose a picture of one. The generator searches for the point that comes nearest."
NOTHING = "Draw something, or choose a picture, and then press Search."
OWN_PICTURE = (
    "The link opens the point that was found. Your picture is not in it: it stays private. In the scripts, put the "
    "name of its file. A drawing has no file; take a screenshot of it."
)
STOPPED = "Stopped. The point is the nearest up to then."
PAD = """
<div class="draw-pad">
  <canvas width="280" height="280" tabindex="0" role="img"
    aria-label="A place to draw with the mouse or a finger. Without either, choose a picture instead."></canvas>
  <button type="button" data-part="clear">Clear the drawing</button>
</div>
"""
SEARCHES: dict[str, Any] = {"concurrency_id": "projections", "concurrency_limit": 1}  # seconds of work


def build(engine: Engine, selection: Selection, exploring: ExplorerParts) -> None:
    """Lay out the part, and wire it to the engine and the explorer's point."""
    gr.Markdown("### A picture of your own as a point")
    gr.Markdown(HELP)
    explanation.build("Your own picture", about.PROJECTION)
    with gr.Row(equal_height=False):
        with gr.Column(min_width=270):
            gr.HTML(PAD, padding=False, js_on_load=None)
            drawing = gr.Textbox(visible="hidden", elem_id="drawing", label="Drawing")
        own = picture_input(
            max_side=MAX_SIDE,
            label="Or choose a picture",
            sources=["upload", "webcam", "clipboard"],
            height=288,
            min_width=240,
            elem_id="own-digit",
        )
    with gr.Row(elem_classes="actions"):
        start = gr.Button("Search", variant="primary", min_width=110, elem_id="project-go")
        stop = gr.Button("Stop", min_width=80, interactive=False, elem_id="project-stop")
    board = gr.HTML(elem_id="projection", js_on_load=None)
    nearest = gr.State(None)
    frame = gr.JSON(visible=False)

    def project(picture: Image.Image, snapshot: int, model: str = selection.first.name) -> Iterator[dict[str, Any]]:
        """Search for the point of the latent space whose picture is nearest to yours; the answer streams.

        Args:
            picture: a digit for a generator of digits: dark on light or light on dark, drawn or photographed.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            model: the generator's name.

        Returns:
            The step of the search, how many there are, the error in levels of 255, the point as `/explore` takes it,
            and the picture as a data URL.
        """
        if picture is None:
            raise refuse("Send a picture.")
        at = selection.at(model, snapshot, 0, 1)
        for projection in searched(at, picture):
            yield {
                "step": projection.step,
                "steps": projection.steps,
                "error": projection.error,
                "point": points.from_numbers(projection.z).text,
                "picture": html.data_url(
                    projection.picture, settings=recipe(at, projection), source=provenance.GENERATED
                ),
            }

    def searched(at: Selected, picture: Image.Image) -> Iterator[Projection]:
        with explained(EngineError):
            yield from engine.project(at.model, step=at.step, picture=picture)

    def begin(at: Selected | None, drawn: str, chosen: Image.Image | None) -> Iterator[tuple[Any, ...]]:
        picture = read_drawing(drawn) if drawn else chosen
        if picture is None or at is None:
            raise refuse(NOTHING)
        for projection in searched(at, picture):
            board = board_html(projection, recipe(at, projection))
            if projection.step == projection.steps:
                board += again_html(at, selection.generators[at.model].steps.index(at.step), projection)
            yield board, projection.z

    def arrive(visited: Visited | None, at: Selected, z: tuple[float, ...] | None) -> Any:
        """Make what was reached the explorer's point."""
        if z is None or len(z) != selection.generators[at.model].z_dim:
            return {exploring.state: visited}
        point = points.from_numbers(z)
        return exploring.show(visited.go(point) if visited else Visited.begin(point), at)

    def over(board_now: str | None) -> tuple[Any, ...]:
        return gr.skip() if not board_now else board_now + html.note(STOPPED), OFF

    here = [exploring.state, selection.drawn, nearest]
    stopping.turn_on(start, stop)
    begun = start.click(
        stopping.stoppable(begin, 2),
        [selection.drawn, drawing, own],
        [board, nearest, stop],
        show_progress="hidden",
        **events.PRIVATE,
        **SEARCHES,
    )
    begun.success(arrive, here, exploring.outputs, **events.QUIET, **events.SAMPLER)
    stopping.wire(stop, begun, over, board, [board, stop])
    stop.click(arrive, here, [*exploring.outputs], **events.QUIET, **events.SAMPLER)
    gr.on([], project, [own, selection.snapshot, selection.model], frame, api_name="project", **SEARCHES)


def read_drawing(text: str) -> Image.Image:
    """Decode what the page's drawing pad sends.

    Raises:
        gr.Error: it is no picture.
    """
    if len(text) > MOST_DRAWN:
        raise refuse("This drawing is too large. Clear it and draw again.")
    try:
        content = base64.b64decode(text.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise refuse("The drawing could not be read. Clear it and draw again.") from None
    with explained(images.PictureError):
        return images.read(io.BytesIO(content), max_side=MAX_SIDE)


def recipe(at: Selected, projection: Projection) -> dict[str, Any]:
    """What the file of a found picture says about itself."""
    return points.recipe(at.model, at.step, points.from_numbers(projection.z))


def board_html(projection: Projection, recipe: Mapping[str, Any]) -> str:
    """Your picture as the generator sees it, beside the nearest that it draws so far, made as `recipe` says."""
    pictures = (
        html.figure(projection.target, alt="Your picture, placed as in the training", caption="Yours", crisp=True),
        html.figure(
            projection.picture,
            alt="The nearest picture so far",
            caption="The generator’s",
            crisp=True,
            settings=recipe,
            source=provenance.GENERATED,
        ),
    )
    done = projection.step == projection.steps
    distance = f"Root mean square error: {projection.error:.0f} of 255 levels."
    text = f"Done. {distance}" if done else f"Step {projection.step} of {projection.steps}. {distance}"
    bar = html.progress(projection.step, projection.steps, label="Steps of the search")
    return html.row(pictures) + bar + html.note(text, spoken=done)


def again_html(at: Selected, snapshot: int, projection: Projection) -> str:
    """The link to the point that was found and the scripts that search for it again, as HTML."""
    call = {"snapshot": snapshot, "model": at.model}
    point = points.from_numbers(projection.z).text
    return reproduce.html(
        reproduce.query("explore", model=at.model, step=at.step, seed=at.seed, point=point),
        python_text.script("project", call, pictures={"picture": None}, answer="frame"),
        reproduce.projection_script(at.model, at.step),
        note=OWN_PICTURE,
    )
