"""The section that restyles at once, by adaptive instance normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr
from PIL import Image

from demos.choices import NOTHING, Choices
from demos.files import saved
from demos.inputs import refuse, slider_input
from models import images
from serving.engine import Engine

SIDES = (256, 384, 512, 768)
DEFAULT_SIDE = 384


def build(engine: Engine, tab: gr.Blocks, choices: Choices) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    result = gr.ImageSlider(
        label="Before and after",
        type="filepath",
        format="png",
        interactive=False,
        show_label=False,
        max_height=620,
        elem_id="restyled",
    )
    gr.Markdown(
        "Left of the line the photo, right of it the restyled picture. Drag the line to compare.", elem_classes="note"
    )
    with gr.Row():
        strength = slider_input(
            0,
            1,
            value=1,
            step=0.05,
            label="Style strength",
            info="0 keeps the photo’s colours and texture, 1 takes the painting’s.",
            min_width=280,
            elem_id="strength",
            buttons=[],
        )
        side = gr.Dropdown(
            [(f"{n} px", n) for n in SIDES],
            value=DEFAULT_SIDE,
            label="Size",
            info="Longer side; larger takes longer.",
            elem_id="side",
        )
    download = gr.DownloadButton("Download PNG", elem_id="download")
    content, style = choices.pictures.photo, choices.pictures.painting

    def restyle(content: Image.Image | None, style: Image.Image | None, strength: float, side: int) -> tuple[str, str]:
        """Restyle a photograph with a painting by adaptive instance normalisation (AdaIN).

        Args:
            content: the photograph.
            style: the painting.
            strength: 0 keeps the photograph's look, 1 takes the painting's.
            side: longer side of the result in pixels: 256, 384, 512 or 768. A smaller photograph keeps its size.

        Returns:
            The photograph at the result's size, and the restyled picture, both as PNG.
        """
        if content is None or style is None:
            raise refuse(NOTHING)
        before = images.fit(content, side)
        after = engine.restyle(before, style, strength=strength, side=side)
        return saved(before, name="photo"), saved(after, name="restyled")

    def restyle_if_both(
        content: Image.Image | None, style: Image.Image | None, strength: float, side: int
    ) -> tuple[str, str] | dict[str, object]:
        """Restyle, or wait without a word: who removes a picture is about to choose another."""
        return restyle(content, style, strength, side) if content and style else gr.skip()

    inputs = [content, style, strength, side]
    heavy: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1, "trigger_mode": "always_last"}
    private: dict[str, Any] = {"api_visibility": "private"}
    moved = gr.on([strength.change, side.change], restyle, inputs, result, api_name="restyle", **heavy)
    chosen = gr.on([tab.load, content.change, style.change], restyle_if_both, inputs, result, **heavy, **private)
    for restyled in (moved, chosen):
        restyled.success(_file_to_download, result, download, show_progress="hidden", **private)


def _file_to_download(pair: Sequence[str] | None) -> str | None:
    return pair[1] if pair else None
