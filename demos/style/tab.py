"""The style tab: the wall first; then a photo at once, painted slowly, inside the network, or many pictures."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from assets import samples
from assets.samples import Sample
from demos.parts import explanation
from demos.style import about, api, inside, instant, link, many, paint
from demos.style.request import Choices
from demos.style.wall import Wall
from serving.engine import Engine


def build(engine: Engine) -> gr.Blocks:
    """Lay out the tab and wire it to the engine."""
    with gr.Blocks() as tab:
        with gr.Column(elem_id="wall-view"):
            first_sight = Wall()
            explanation.build("Painting a photo", about.WALL)
        with gr.Column(elem_id="large-view"):
            with gr.Row(elem_id="large-bar"):
                gr.Button("All paintings", size="md", min_width=140, elem_id="back-to-wall")
                gr.Markdown(
                    "Pick a photo and a painting: the photo is painted again in the style of the painting.",
                    elem_classes="hint",
                )
            with gr.Row(equal_height=False, elem_classes="result-first"):
                with gr.Column(scale=4, min_width=300):
                    choices = Choices()
                with gr.Column(scale=7, min_width=320), gr.Tabs(elem_id="ways") as ways:
                    with gr.Tab("Instant", id="instant") as instant_tab:
                        choices.wire(engine)
                        at_once = instant.build(engine, choices, instant_tab)
                    with gr.Tab("Paint slowly", id="paint") as paint_tab:
                        painted = paint.build(engine, tab, choices, paint_tab)
                    with gr.Tab("Inside", id="inside") as inside_tab:
                        inside.build(engine, inside_tab, choices, painted.paintings)
                    with gr.Tab("Many", id="many"):
                        many.build(engine, choices)
            link.build(tab, ways, choices, at_once, painted.controls)
        first_sight.wire(engine, choices.pictures, at_once.runs)
        with gr.Accordion("Who made these pictures", open=False, elem_id="credits"):
            gr.Markdown(_credits([*samples.every_photo(), *samples.paintings()]), elem_classes="note")
        api.offer(engine, choices, at_once, painted.controls)
    return tab


def _credits(pictures: Sequence[Sample]) -> str:
    return "\n".join(f"- {picture.credit}" for picture in pictures)
