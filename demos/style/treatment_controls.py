"""How the painting is taken: whose colours, how large its strokes, and where in the photo."""

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
                info="The painting is looked at this large: larger makes broader strokes.",
                buttons=[],
                elem_id="style-scale",
            )
        with gr.Accordion("Where to paint", open=False, elem_id="where-to-paint"):
            self.area = gr.Radio(PLACES, value="whole", label="Where", info="The rest stays the photo.", elem_id="area")
            self.feather = slider_input(
                0, 60, value=8, step=1, label="Soft border", info="In pixels.", buttons=[], elem_id="feather"
            )
            self.board = gr.HTML(elem_id="drawing-board")
            self.stroke = gr.Textbox(label="Drawn mask", visible="hidden", elem_id="drawn-mask")
            self.drawn = gr.State(None)

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name, the drawing left out."""
        return {"colours": self.colours, "style_scale": self.style_scale, "area": self.area, "feather": self.feather}


def board(photo: Image.Image) -> str:
    """The photo with a sheet over it to draw on; page/style.js draws, and hands the sheet over as an address."""
    width, height = photo.size
    picture = html.data_url(photo, kind="JPEG", quality=85)
    return (
        '<p class="note">Draw over what is to be painted.</p><div class="drawing">'
        f'<img src="{picture}" alt="The photo to draw on"><canvas width="{width}" height="{height}"></canvas></div>'
        '<div class="drawing-tools"><label>Brush <input type="range" min="4" max="120" value="40"></label>'
        '<label><input type="checkbox"> Erase</label><button type="button">Clear</button></div>'
    )


def drawing(address: str) -> Image.Image | None:
    """The sheet that was drawn on, RGBA, or None where it is empty.

    Raises:
        gr.Error: it is no such sheet.
    """
    if not address:
        return None
    try:
        raw = base64.b64decode(address.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG",)) as sheet:
            if max(sheet.size) > DRAWING_SIDE:
                raise ValueError(sheet.size)
            drawn = sheet.convert("RGBA")
    except Exception as error:  # hostile bytes make Pillow's readers raise almost anything
        raise refuse("The drawing can't be read. Clear it and draw again.") from error
    return drawn if drawn.getchannel("A").getbbox() else None
