"""The controls for colours, size of the strokes, and where to paint, with the sheet to draw a mask on."""

from __future__ import annotations

import base64
import io

import gradio as gr
from PIL import Image

from demos.parts import html
from demos.parts.inputs import refuse, slider_input

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
                info="Shrinks or enlarges the painting first: larger makes broader strokes.",
                buttons=[],
                elem_id="style-scale",
            )
        with gr.Accordion("Where to paint", open=False, elem_id="where-to-paint"):
            self.area = gr.Radio(
                PLACES, value="whole", label="Where", info="The rest of the photo stays as it is.", elem_id="area"
            )
            self.feather = slider_input(
                0, 60, value=8, step=1, label="Soft border", info="Width in pixels.", buttons=[], elem_id="feather"
            )
            self.board = gr.HTML(elem_id="drawing-board")
            self.stroke = gr.Textbox(label="Drawn mask", visible="hidden", elem_id="drawn-mask")
            self.drawn = gr.State(None)

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name, without the drawing."""
        return {"colours": self.colours, "style_scale": self.style_scale, "area": self.area, "feather": self.feather}


def board(photo: Image.Image) -> str:
    """The photo under a transparent sheet to draw on; page/style.js draws, and sends the sheet as a data URL."""
    width, height = photo.size
    picture = html.data_url(photo, kind="JPEG", quality=85)
    return (
        '<p class="note">Draw over the part to paint.</p><div class="drawing">'
        f'<img src="{picture}" alt="The photo to draw on"><canvas width="{width}" height="{height}"></canvas></div>'
        '<div class="drawing-tools"><label>Brush <input type="range" min="4" max="120" value="40"></label>'
        '<label><input type="checkbox"> Erase</label><button type="button">Clear</button></div>'
    )


def drawing(data_url: str) -> Image.Image | None:
    """What is drawn on the sheet as a mask of mode L, or None if it is empty.

    Raises:
        gr.Error: the data URL does not hold a sheet of this size.
    """
    if not data_url:
        return None
    try:
        raw = base64.b64decode(data_url.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG",)) as sheet:
            if max(sheet.size) > DRAWING_SIDE:
                raise ValueError(sheet.size)
            drawn = sheet.convert("RGBA").getchannel("A")
    except Exception as error:  # Pillow's readers raise almost any error on hostile bytes
        raise refuse("The drawing can't be read. Clear it and draw again.") from error
    return drawn if drawn.getbbox() else None
