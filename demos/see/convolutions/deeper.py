"""Feature maps of deeper layers: where the filters of VGG-19 respond that a photo excites most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from PIL import Image

from demos.parts import events, explanation, html
from demos.parts.inputs import explained, picture_input, refuse, slider_input
from models.style.layers import LAYERS, receptive_field
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import FilterResponse

SIDE = 384  # pixels of the photo that the network sees
WAITING = "The maps come when this is in sight."
FIRST, MOST = 12, 48  # maps at first, and at most
ABOUT = (
    "Each layer convolves the maps of the layer before. Early ones respond to edges and colours, later ones to "
    "textures, then to parts of things: each place sees more of the photo, and the maps become coarser (pooling). "
    "Shown are the filters that this photo excites most; over many photos the mean of each is 1."
)


def build(engine: Engine, photo: gr.Image) -> None:
    """Add the section and its endpoint, and wire them to the engine."""
    gr.HTML(explanation.heading("Feature maps, deeper down", ABOUT, level=2), padding=False, elem_classes="see-heading")
    with gr.Row():
        layer = gr.Dropdown(
            [(_title(name), name) for name in LAYERS],
            value="relu3_1",
            label="Layer",
            info="Each place of a layer sees a square of the photo. Later ones see more, and have more filters.",
            filterable=False,
            min_width=240,
            elem_id="deeper-layer",
        )
        count = slider_input(
            4, MOST, value=FIRST, step=4, precision=0, label="Maps", buttons=[], min_width=200, elem_id="deeper-count"
        )
    maps = gr.HTML(html.note(WAITING, spoken=False), elem_id="deeper-maps")
    look = gr.Button("Look", visible="hidden", elem_id="deeper-look")  # page/first_filters.js presses it, once

    def show(picture: Image.Image | None, layer: str, count: int) -> Any:
        if picture is None:
            return html.note("Choose a photo above.", spoken=False)
        return html.row(_figures(_responses(engine, picture, layer, count), layer), many=True)

    gr.on(
        [look.click, photo.change, layer.change, count.release],
        show,
        [photo, layer, count],
        maps,
        **events.LATEST,
        **events.GPU,
        **events.PRIVATE,
    )
    _offer(engine)


def _responses(engine: Engine, picture: Image.Image, layer: str, count: int) -> list[FilterResponse]:
    with explained(EngineError):
        responses = engine.feature_maps(picture, layer=layer, count=count, side=SIDE)
    if not responses:
        raise refuse("No filter of this layer responds to the picture. Choose another layer.")
    return responses


def _figures(responses: Sequence[FilterResponse], layer: str) -> list[str]:
    return [
        html.figure(
            response.picture,
            alt=f"Where filter {response.filter} of {layer} responds in the photo",
            caption=f"filter {response.filter}, mean {response.mean:.1f}",
        )
        for response in responses
    ]


def _title(layer: str) -> str:
    """The layer's name with what it sees, such as "relu1_1: sees 3 × 3 pixels"."""
    side = receptive_field(layer)
    return f"{layer}: sees {side} × {side} pixels"


def _offer(engine: Engine) -> None:
    """Put the endpoint into the page that is being built."""
    with gr.Group(visible=False):
        trigger, answer = gr.Button(), gr.JSON(label="Maps")
        picture = picture_input(label="Picture")
        layer = gr.Dropdown(list(LAYERS), value="relu3_1", label="Layer")
        count = slider_input(1, 64, value=FIRST, step=1, precision=0, label="Maps")

    def feature_maps(picture: Image.Image | None, layer: str = "relu3_1", count: int = FIRST) -> list[dict[str, Any]]:
        """Where the filters of a layer of VGG-19 respond that a picture excites most, strongest first.

        Args:
            picture: a photograph.
            layer: relu1_1, relu1_2, relu2_1 … relu5_1; deeper layers see larger parts of the picture.
            count: how many maps, 1 to 64.

        Returns:
            For each filter its number in the layer as `filter`, its mean activation as `mean` (1 is usual), and the
            map as `map`, a PNG data URL.
        """
        if picture is None:
            raise refuse("Send a picture.")
        return [
            {
                "filter": response.filter,
                "mean": response.mean,
                "map": html.data_url(response.picture),
            }
            for response in _responses(engine, picture, layer, count)
        ]

    trigger.click(feature_maps, [picture, layer, count], answer, api_name="feature_maps", **events.GPU)
