"""A section of the GAN tab: where a self-attending generator looks from the place that a visitor clicks."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import about
from demos.gan.selection import Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import saved
from demos.parts.inputs import explained
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError

SIDE = 256
MIDDLE = (0.5, 0.5)
HELP = "Click a place in the picture: the parts that the generator looks at to draw it stay bright, the rest fades."


def build(engine: Engine, selection: Selection) -> None:
    """Add the section; it is visible while the chosen generator has attention."""
    attends = {info.name: info.attends for info in selection.generators.values()}
    if not any(attends.values()):
        return
    with (
        gr.Accordion("Where it looks", open=True, visible=selection.first.attends, elem_id="attention") as section,
        gr.Row(),
    ):
        attention_map = gr.Image(
            label="The held sample, faded where the clicked place does not look",
            alt_text="The held sample, faded where the clicked place does not look",
            format="png",
            interactive=False,
            height=SIDE + 32,
            min_width=SIDE,
            elem_classes="crisp",
            elem_id="attention-map",
            buttons=["download"],
        )
        with gr.Column(min_width=SIDE):  # on a phone below the picture
            gr.Markdown(HELP)
            explanation.build("Where it looks", about.ATTENTION)

    def look(selected: Selected, place: tuple[float, float]) -> str:
        model, step, seed, position = selected
        with explained(EngineError):
            picture = engine.attention(model, step=step, seed=seed, index=position, place=place)
        return saved(sheet.lay_out([picture], scale=sheet.scale_to(picture, SIDE)), name=f"{model}-attention")

    def look_from_the_middle(drawn: Selected) -> dict[Block, Any]:
        if not attends[drawn.model]:
            return {section: gr.update(visible=False)}
        return {section: gr.update(visible=True), attention_map: look(drawn, MIDDLE)}

    def look_from_the_click(event: gr.SelectData, drawn: Selected) -> str:
        across, down = (min(1.0, coordinate / SIDE) for coordinate in event.index)
        return look(drawn, (across, down))

    gr.on(
        selection.drawn.change,
        look_from_the_middle,
        selection.drawn,
        {section, attention_map},
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    attention_map.select(look_from_the_click, selection.drawn, attention_map, **events.QUIET, **events.SAMPLER)
