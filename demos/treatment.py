"""How the painting is taken: whose colours, how large its strokes, and where in the photo."""

from __future__ import annotations

from typing import Any

import gradio as gr
from PIL import Image

from demos.inputs import slider_input

COLOURS = [
    ("The painting’s", "style"),
    ("The photo’s: only light and shade are painted", "luminance"),
    ("The photo’s: the painting is recoloured first", "matched"),
    ("Only the colours: the photo keeps its texture", "only"),
]
EACH = "each"  # the subject by the first painting, the rest by the second
PLACES = [
    ("Everywhere", "whole"),
    ("The subject", "subject"),
    ("The background", "background"),
    ("Where I draw", "drawn"),
    ("Subject by the first painting, background by the second", EACH),
]
DRAWING_SIDE = 512  # pixels of the picture that is drawn on


class TreatmentControls:
    """The controls, named as the API names them."""

    def __init__(self) -> None:
        with gr.Accordion("Colours and strokes", open=False, elem_id="treatment"):
            self.colours = gr.Radio(COLOURS, value="style", label="Colours", elem_id="colours")
            self.style_scale = slider_input(
                0.25,
                3,
                value=1,
                step=0.05,
                label="Size of the strokes",
                info="The painting is looked at this large: larger makes broader strokes.",
                buttons=[],
                elem_id="style-scale",
            )
        with gr.Accordion("Where to paint", open=False, elem_id="where-to-paint"):
            self.area = gr.Radio(PLACES, value="whole", label="Where", info="The rest stays the photo.", elem_id="area")
            self.feather = slider_input(
                0, 60, value=8, step=1, label="Soft border", info="In pixels.", buttons=[], elem_id="feather"
            )
            self.editor = gr.ImageEditor(
                label="Draw over what is to be painted",
                type="pil",
                image_mode="RGBA",
                sources=[],
                transforms=[],
                layers=False,
                brush=gr.Brush(default_size=40, colors=["#e8663d"], default_color="#e8663d", color_mode="fixed"),
                eraser=gr.Eraser(default_size=40),
                buttons=[],
                format="png",
                visible=False,
                elem_id="mask-editor",
            )
            self.drawn = gr.State(None)

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name, the drawing left out."""
        return {"colours": self.colours, "style_scale": self.style_scale, "area": self.area, "feather": self.feather}


def drawing(edited: dict[str, Any] | None) -> Image.Image | None:
    """What was drawn in the editor: its layers on one another, where nothing is drawn transparent."""
    layers = (edited or {}).get("layers") or []
    if not layers:
        return None
    drawn = layers[0].convert("RGBA")
    for layer in layers[1:]:
        drawn = Image.alpha_composite(drawn, layer.convert("RGBA"))
    return drawn
