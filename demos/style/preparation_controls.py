"""The controls that prepare the photo (crop, rotate, scale, grey, light), with a preview."""

from __future__ import annotations

import gradio as gr

from demos.parts.inputs import slider_input, switch_input

MOST_CUT = 45  # per cent of a side


class PreparationControls:
    """The controls, named as the API names them, and the preview."""

    def __init__(self) -> None:
        with gr.Accordion("Prepare the photo", open=False, elem_id="preparation"):
            self.preview = gr.HTML(elem_id="prepared", min_height=180)
            with gr.Row():
                self.cut_out = switch_input(label="Remove the background", value=False, elem_id="cut-out")
                self.greyscale = switch_input(label="Greyscale", value=False, elem_id="greyscale")
            self.rotate = _slider(-180, 180, 0, 1, "Rotate", "Degrees, anticlockwise.", "rotate")
            self.scale = _slider(0.05, 1, 1, 0.05, "Scale", "1 is the photo’s own size.", "scale")
            self.brightness = _slider(0.2, 2, 1, 0.05, "Brightness", None, "brightness")
            self.contrast = _slider(0.2, 2, 1, 0.05, "Contrast", None, "contrast")
            self.gamma = _slider(0.2, 3, 1, 0.05, "Gamma", "Above 1 makes the middle tones lighter.", "gamma")
            self.crop_left, self.crop_right, self.crop_top, self.crop_bottom = (
                _slider(0, MOST_CUT, 0, 1, f"Cut off {side}", "Per cent of the photo.", f"crop-{side}")
                for side in ("left", "right", "top", "bottom")
            )
            self.reset = gr.Button("Undo all of these changes", size="md", elem_id="reset-photo")

    @property
    def fields(self) -> dict[str, gr.components.Component]:
        """Each control by its name."""
        names = (
            *("rotate", "scale", "cut_out", "greyscale", "gamma", "brightness", "contrast"),
            *("crop_left", "crop_right", "crop_top", "crop_bottom"),
        )
        return {name: getattr(self, name) for name in names}


def _slider(
    low: float, high: float, value: float, step: float, label: str, info: str | None, elem_id: str
) -> gr.Slider:
    return slider_input(low, high, value=value, step=step, label=label, info=info, buttons=[], elem_id=elem_id)
