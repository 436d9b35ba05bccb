"""A section of the sampler: where a self-attending generator looks from the place one clicks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from demos.parts.files import saved
from demos.parts.inputs import explained
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sampling import GeneratorInfo

SIDE = 256
MIDDLE = (0.5, 0.5)
HELP = "Click a place of the picture: what that place looks at stays, the rest fades."


def build(
    engine: Engine,
    step_of: Callable[[str, int], int],
    *,
    known: Mapping[str, GeneratorInfo],
    seed: gr.Number,
    snapshot: gr.Slider,
    held: gr.Slider,
    model: gr.Dropdown,
) -> None:
    """Add the section, which shows while a generator is chosen that attends."""
    with (
        gr.Accordion(
            "Where it looks", open=True, visible=known[str(model.value)].attends, elem_id="attention"
        ) as section,
        gr.Row(),
    ):
        seen = gr.Image(
            label="The held sample, faded where it is not looked at",
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

    def look(seed: int, snapshot: int, held: int, model: str, place: tuple[float, float] = MIDDLE) -> object:
        if not known[model].attends:
            return gr.skip()
        with explained(EngineError):
            step = step_of(model, snapshot)
            picture = engine.attention(model, step=step, seed=seed, index=held - 1, place=place)
        return saved(sheet.lay_out([picture], scale=sheet.scale_to(picture, SIDE)), name=f"{model}-attention")

    def look_from(event: gr.SelectData, seed: int, snapshot: int, held: int, model: str) -> object:
        across, down = (min(1.0, one / SIDE) for one in event.index)
        return look(seed, snapshot, held, model, (across, down))

    inputs = [seed, snapshot, held, model]
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_id": "sampler"}
    model.change(lambda name: gr.update(visible=known[name].attends), model, section, **quick)
    gr.on([model.change, seed.change, snapshot.change, held.change], look, inputs, seen, **quick)
    seen.select(look_from, inputs, seen, **quick)
