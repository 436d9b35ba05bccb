"""How the painting is taken: whose colours, how large its strokes, and where in the photo."""

from __future__ import annotations

import gradio as gr

from demos.inputs import slider_input

COLOURS = [
    ("The painting’s", "style"),
    ("The photo’s: only the light and shade are painted", "luminance"),
    ("The photo’s: the painting is recoloured first", "matched"),
    ("Only the painting’s colours, the photo keeps its texture", "only"),
]
PLACES = [
    ("Everywhere", "whole"),
    ("The subject", "subject"),
    ("The background", "background"),
    ("Where I draw", "drawn"),
]


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
                info="The painting’s size before it is looked at: larger makes broader strokes.",
                buttons=[],
                elem_id="style-scale",
            )
        with gr.Accordion("Where to paint", open=False, elem_id="where-to-paint"):
            self.where = gr.Radio(
                PLACES, value="whole", label="Where", info="The rest keeps the photo.", elem_id="where"
            )
            self.border = slider_input(
                0,
                15,
                value=2,
                step=0.5,
                label="Soft border",
                info="Per cent of the longer side.",
                buttons=[],
                elem_id="border",
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
                canvas_size=(512, 384),
                buttons=[],
                format="png",
                visible=False,
                elem_id="mask-editor",
            )

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name, the drawing left out."""
        return {"colours": self.colours, "style_scale": self.style_scale, "where": self.where, "border": self.border}
