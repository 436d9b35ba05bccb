"""The section on VGG-19's features: Gram matrices, what a layer keeps of content and style, where filters fire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
from PIL import Image

from demos.parts import events, explanation, html, stopping
from demos.parts.inputs import explained, refuse, slider_input
from demos.style import about, painting_html
from demos.style.paintings_in_progress import PaintingsInProgress, painted_once
from demos.style.request import Choices, Chosen
from models.style.layers import LAYERS, STYLE_LAYERS
from serving.engine import Engine
from serving.engine.errors import EngineError

SIDE = 256  # pixels that reconstruction works on: it starts from noise and takes many steps
LOOKED_AT = 384  # pixels of the pictures whose features are shown
MAPS = 12
WHOSE = [("the photo", "photo"), ("the painting", "painting"), ("the result", "result")]
KEPT = [("the content", "content"), ("the style", "style")]


def build(engine: Engine, opened: gr.Tab, choices: Choices, paintings: PaintingsInProgress) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    gr.Markdown(
        "## Gram matrices\nThe style of a picture: which filters respond together (the Gram matrix of a layer).",
        elem_classes="note",
    )
    explanation.build("Gram matrices", about.GRAM)
    grams = gr.HTML(min_height=200, elem_id="grams")
    layers = gr.CheckboxGroup(
        list(STYLE_LAYERS),
        value=["relu1_1", "relu3_1"],
        label="Layers",
        info="relu1_1 sees colours and fine grain, relu5_1 large shapes. Each cell is a pair of filters, brighter "
        "where both respond. The result’s becomes like the painting’s.",
        elem_id="gram-layers",
    )
    gr.Markdown(
        "## Separate content and style\nNoise turns into a picture in which a layer sees the same content, or style.",
        elem_classes="note",
    )
    explanation.build("Separate content and style", about.SEPARATE)
    board = gr.HTML(html.note("Press Separate: noise becomes what the layer keeps.", spoken=False), elem_id="separated")
    with gr.Row(elem_classes="actions"):
        separate = gr.Button("Separate", variant="primary", min_width=110, elem_id="separate")
        stop = gr.Button("Stop", min_width=80, interactive=False, elem_id="stop-separating")
    with gr.Row():
        whose = gr.Radio(WHOSE[:2], value="photo", label="Of", min_width=160, elem_id="separate-whose")
        kept = gr.Radio(KEPT, value="content", label="What", min_width=160, elem_id="separate-kept")
    with gr.Row():
        layer = gr.Dropdown(
            list(LAYERS),
            value="relu4_1",
            label="Layer",
            info="relu1_1 sees the finest details, relu5_1 the largest shapes. For the style, those before count too.",
            min_width=160,
            elem_id="separate-layer",
        )
        steps = slider_input(
            1, 300, value=60, step=1, precision=0, label="Steps", min_width=200, buttons=[], elem_id="separate-steps"
        )
    gr.Markdown("## Feature maps\nWhere in the picture the most active filters respond.", elem_classes="note")
    explanation.build("Feature maps", about.MAPS)
    maps = gr.HTML(min_height=200, elem_id="feature-maps")
    with gr.Row():
        looked_at = gr.Radio(WHOSE, value="photo", label="Picture", min_width=200, elem_id="maps-whose")
        maps_layer = gr.Dropdown(list(LAYERS), value="relu3_1", label="Layer", min_width=160, elem_id="maps-layer")

    def pictures(request: gr.Request, values: tuple[Any, ...]) -> dict[str, Callable[[], Image.Image]]:
        """The photo, the painting, and the visitor's slow painting or else the instant one; each made on demand."""
        chosen = choices.read(values).at(side=LOOKED_AT)

        def result() -> Image.Image:
            painting = paintings.get(request.session_hash or "")
            return painting.frame.picture if painting else chosen.restyled(engine).after

        return {
            "photo": lambda: _prepared(engine, chosen),
            "painting": lambda: chosen.styles[0],
            "result": result,
        }

    def show_grams(request: gr.Request, layers: list[str], *values: Any) -> str:
        made = {name: make() for name, make in pictures(request, values).items()}
        order = ("photo", "result", "painting")
        with explained(EngineError):
            heat = engine.gram({name: made[name] for name in order}, like="painting", layers=layers, side=LOOKED_AT)
        return painting_html.heat_maps(heat)

    def separate_out(
        request: gr.Request, whose: str, kept: Any, layer: str, steps: int, *values: Any
    ) -> Iterator[tuple[str]]:
        picture = pictures(request, values)[whose]()
        original = picture.resize(_fitted(picture.size))
        with explained(EngineError):
            frames = engine.reconstruct(picture, layer=layer, of=kept, side=SIDE, steps=steps)
            for frame in painted_once(engine, frames):
                yield (painting_html.beside(original, frame, text=f"{layer}, {kept}"),)

    def show_maps(request: gr.Request, whose: str, layer: str, *values: Any) -> str:
        picture = pictures(request, values)[whose]()
        with explained(EngineError):
            responses = engine.feature_maps(picture, layer=layer, count=MAPS, side=LOOKED_AT)
        if not responses:
            raise refuse("No filter of this layer responds to the picture. Choose another layer.")
        figures = [
            html.figure(
                response.picture,
                alt=f"Where filter {response.filter} of {layer} responds in the {whose}",
                caption=f"filter {response.filter}, mean {response.mean:.1f}",
            )
            for response in responses
        ]
        return html.row(figures, title=layer, many=True)

    chosen_inputs = list(choices.fields.values())
    heavy = {**events.GPU, **events.PRIVATE}
    latest = {**events.LATEST, **heavy}
    lasting = {**events.LONG, **events.PRIVATE}
    gr.on([opened.select, layers.change], show_grams, [layers, *chosen_inputs], grams, **latest)
    gr.on(
        [opened.select, looked_at.change, maps_layer.change],
        show_maps,
        [looked_at, maps_layer, *chosen_inputs],
        maps,
        **latest,
    )
    separate_inputs = [whose, kept, layer, steps, *chosen_inputs]
    stopping.turn_on(separate, stop)
    begun = separate.click(
        stopping.stoppable(separate_out, 1), separate_inputs, [board, stop], show_progress_on=board, **lasting
    )
    stopping.wire(stop, begun, lambda: stopping.OFF, None, stop)
    gr.on([whose.change, kept.change], lambda: html.note("Press Separate.", spoken=False), None, board, **events.QUIET)


def _prepared(engine: Engine, chosen: Chosen) -> Image.Image:
    with explained(EngineError):
        return engine.prepared(chosen.photo, chosen.settings)


def _fitted(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(1.0, SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
