"""A section of the GAN tab: a wall of seeds to click, by the first sample of each."""

from __future__ import annotations

import gradio as gr

from demos.gan.sampling import section
from demos.gan.selection import Selected, Selection
from demos.parts import events
from demos.parts.files import generated
from media import sheet
from models.gan.seeds import MAX_SEED
from serving.engine import Engine

SEEDS, CELL = 24, 64
HELP = "The first sample of 24 seeds. Click one to see all of its samples."


def build(engine: Engine, selection: Selection) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine and the selection."""
    with section.folded("A wall of seeds", selection, elem_id="seed-wall") as wall:
        gr.Markdown(HELP)
        pictures = section.samples("Seeds", columns=8, elem_id="wall-of-seeds")
        first = gr.Number(0, visible="hidden")
        with gr.Row():
            back = gr.Button("24 seeds before", min_width=130, elem_id="seeds-before")
            forward = gr.Button("24 seeds after", min_width=130, elem_id="seeds-after")

    def draw(drawn: Selected, first: int) -> list[tuple[str, str]]:
        seeds = seeds_from(first)
        firsts = [engine.sample(drawn.model, step=drawn.step, seed=seed, count=1).pictures[0] for seed in seeds]
        scale = sheet.scale_to(firsts[0], CELL)
        files = [
            generated(
                sheet.lay_out([picture], scale=scale),
                name=f"{drawn.model}-seed-{seed}-sample-1",
                recipe=drawn._replace(seed=seed).recipe(sample=1),
            )
            for picture, seed in zip(firsts, seeds, strict=True)
        ]
        return [(file, f"{seed}") for file, seed in zip(files, seeds, strict=True)]

    def choose(event: gr.SelectData, first: int) -> int:
        return seeds_from(first)[event.index]

    moved = f"(first) => Math.min({MAX_SEED - SEEDS + 1}, Math.max(0, first + {{}}))"
    back.click(None, first, first, js=moved.format(-SEEDS), **events.PRIVATE)
    forward.click(None, first, first, js=moved.format(SEEDS), **events.PRIVATE)
    gr.on(
        [wall.change, first.change],
        draw,
        [selection.drawn, first],
        pictures,
        **events.QUIET,
        **events.SAMPLER,
        **events.LATEST,
    )
    pictures.select(choose, first, selection.seed, **events.AT_ONCE)


def seeds_from(first: float) -> range:
    """The seeds of the wall; whatever the browser sends, there are so many of them."""
    start = int(min(max(0, first), MAX_SEED - SEEDS + 1))
    return range(start, start + SEEDS)
