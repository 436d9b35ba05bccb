"""A section of the GAN tab: explore the latent space from point to point, and bring your own picture into it."""

from __future__ import annotations

import gradio as gr

from demos.gan.explorer import explore, project
from demos.gan.selection import Selection
from serving.engine import Engine


def build(engine: Engine, selection: Selection) -> None:
    """Add the section, closed, to the page that is being laid out."""
    with gr.Accordion("Explore: pins, sums, your own picture", open=False, elem_id="explore") as section:
        exploring = explore.build(engine, selection, section)
        project.build(engine, selection, exploring)
