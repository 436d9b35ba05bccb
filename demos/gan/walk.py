"""A section of the GAN tab: walk from the held sample to another, around the centre of the latent space or straight."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import about, reproduce
from demos.gan.explorer import film
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation, opening, python_text
from demos.parts.files import generated
from demos.parts.inputs import explained, share_button, slider_input
from demos.parts.strip import picture_strip
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sampling import Way

STEPS, SIDE = 9, 64
WAYS: tuple[tuple[Way, str], ...] = (("slerp", "Around the centre (slerp)"), ("lerp", "Straight (lerp)"))
LINKED = "() => (new URLSearchParams(location.search).has('walk') ? 1 : 0)"
HELP = (
    "Go from the held sample to another of the sixteen in small steps. Each sample is a point, its latent vector z. "
    "Almost all such points lie at nearly the same distance from the centre. The path around the centre keeps that "
    "distance (‖z‖ below each picture). The straight path comes closer to the centre, where no sample was ever drawn, "
    "so the pictures in its middle are often less clear."
)


def build(engine: Engine, selection: Selection, page: gr.Blocks) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    with gr.Accordion("Walk through the latent space", open=False, elem_id="walk") as section:
        gr.Markdown(HELP)
        explanation.build("The walk", about.WALK)
        with gr.Row(equal_height=True):
            goal = slider_input(
                1,
                SAMPLES,
                value=2,
                step=1,
                precision=0,
                label="Walk to sample",
                buttons=[],
                elem_id="walk-goal",
                scale=4,
                min_width=220,
            )
            go = gr.Button("Walk", scale=1, min_width=110, elem_id="walk-go")
        strips = {way: picture_strip(label, columns=STEPS, elem_id=f"walk-{way}", visible=False) for way, label in WAYS}
        again = gr.HTML(elem_id="walk-strips-again", js_on_load=None)
        with gr.Row(elem_classes="actions"):
            share_button("share-walk")
        film.build(engine, selection)

    def restore(request: gr.Request) -> tuple[Any, Any]:
        """Open the section at the sample that a shared walk led to."""
        text = request.query_params.get("walk", "")
        if not text.isdecimal() or not 1 <= int(text[:3]) <= SAMPLES:
            return gr.skip(), gr.skip()
        return gr.update(open=True), int(text[:3])

    def walk(values: dict[Block, Any]) -> dict[Block, Any]:
        selected, end = selection.read(values), values[goal] - 1
        with explained(EngineError):
            drawn = {way: pictures(way, selected, end) for way in strips}
        html = again_html(selected, values[selection.snapshot], end)
        return {again: html, **{strips[way]: gr.update(value=drawn[way], visible=True) for way in strips}}

    def pictures(way: Way, selected: Selected, end: int) -> list[tuple[str, str]]:
        model, step, seed, start = selected
        waypoints = engine.walk(model, step=step, seed=seed, ends=(start, end), count=STEPS, way=way)
        scale = sheet.scale_to(waypoints[0].picture, SIDE)
        recipe = selected.recipe(sample=selected.number, way=way, to_sample=end + 1)
        files = [
            generated(
                sheet.lay_out([point.picture], scale=scale),
                name=f"{way}-{i}",
                recipe=recipe | {"share": i / (STEPS - 1)},
            )
            for i, point in enumerate(waypoints)
        ]
        return [(file, f"‖z‖ {point.length:.1f}") for file, point in zip(files, waypoints, strict=True)]

    linked = gr.Number(0, visible=False)
    page.load(None, None, linked, js=LINKED, **events.QUIET)
    linked.change(restore, None, [section, goal], **events.QUIET)
    gr.on(
        [opening.looks(section, selection.drawn.change).change, go.click, goal.release],
        walk,
        selection.inputs | {goal},
        {again, *strips.values()},
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )


def again_html(selected: Selected, snapshot: int, end: int) -> str:
    """The link and the scripts that bring both strips back, as HTML; the API has the way around the centre."""
    points = {"point": f"{selected.seed}:{selected.number}", "to": f"{selected.seed}:{end + 1}"}
    call = {**points, "count": STEPS, "snapshot": snapshot, "model": selected.model}
    return reproduce.html(
        reproduce.of_sample("walk", selected, walk=end + 1),
        python_text.script("explore", call, answer="pictures, points"),
        reproduce.walk_script(selected, end, count=STEPS, side=SIDE),
        note="The API draws the way around the centre; the modules draw both.",
    )
