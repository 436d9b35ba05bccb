"""A section of the GAN tab: how the pictures of one z, the losses and the kinds change while a generator is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from demos.gan import about, reproduce
from demos.gan.history import record, section
from demos.gan.history.player_html import Panel, player
from demos.gan.selection import SAMPLES, Selected, Selection
from demos.parts import events, explanation
from demos.parts.files import generated
from demos.parts.inputs import explained
from serving.engine import Engine
from serving.engine.errors import EngineError

CHOSEN = "chosen"
STORIES = {  # a name in links, the words on the page, and the generators side by side
    "collapse": ("Collapse beside its cure", ("mnist-collapse", "mnist-cured")),
    "stacked": ("1,000 kinds to count", ("stacked-collapse", "stacked-cured")),
}
HELP = (
    "The same sixteen latent vectors z, drawn by the generator as it was earlier in its training. Below each picture: "
    "how many kinds the generator draws."
)


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    stories = {name: models for name, (_, models) in STORIES.items() if set(models) <= selection.generators.keys()}
    with gr.Accordion("Watch the training", open=False, elem_id="timeline") as opened:
        gr.Markdown(HELP)
        story = gr.Radio(
            [("The chosen generator", CHOSEN), *((STORIES[name][0], name) for name in stories)],
            value=CHOSEN,
            label="What to watch",
            visible=bool(stories),
            elem_id="timeline-story",
        )
        explanation.build("The training", about.TIMELINE)
        content = gr.HTML(section.WAITING, elem_id="timeline-player", js_on_load=None)
        sheets, history = gr.Gallery(visible=False), gr.JSON(visible=False)

    def write(drawn: Selected, story: str) -> Iterator[str]:
        """The pictures at once, and again when the kinds are counted, which takes seconds the first time."""
        names = stories.get(story, (drawn.model,))
        reading = "".join(
            explanation.heading(
                f"How do I read this curve? {selection.generators[name].title}", record.reading(name), level=4
            )
            for name in names
        )
        link = reproduce.at_step(reproduce.query("timeline", model=drawn.model, seed=drawn.seed, choose=story))
        again = reproduce.html(
            link,
            reproduce.timeline_script(names, drawn.seed),
            reproduce.sheet_script(names, drawn.seed, count=SAMPLES, side=record.SIDE, gap=record.GAP),
        )
        stages: tuple[record.Kinds, ...] = ("room", "counted")
        for kinds in stages:
            panels = [panel(name, drawn.seed, kinds) for name in names]
            yield player(panels, label="The training, step by step", below=reading + again)

    def panel(name: str, seed: int, kinds: record.Kinds) -> Panel:
        info = selection.generators[name]
        return Panel(name, info.title, record.frames(engine, info, seed, kinds=kinds), record.charts(name, info.title))

    def timeline(seed: int, model: str = selection.first.name) -> tuple[list[tuple[str, str]], dict[str, Any]]:
        """Draw the sixteen samples of a seed at every snapshot of a training, with what is on record of it.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            model: the generator's name.

        Returns:
            A picture for each snapshot, and their scores, the kinds among 200 samples, and the log of the losses.
        """
        info = selection.named(model)
        with explained(EngineError):
            pictures = [
                generated(
                    record.drawn(engine, model, step, seed),
                    name=f"{model}-step-{step}",
                    recipe=record.recipe(model, step, seed),
                )
                for step in info.steps
            ]
            return list(zip(pictures, map(str, info.steps), strict=True)), record.as_json(engine, info)

    section.wire(opened, selection, write, content, choices=[story])
    endpoint = [selection.seed, selection.model]
    gr.on([], timeline, endpoint, [sheets, history], api_name="timeline", **events.SAMPLER)
