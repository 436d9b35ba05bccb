"""A section of the GAN tab: the sheet of samples, the seed picker, and the snapshot along the training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from demos.gan.selection import FIRST_SIDE, SAMPLES, Selected, Selection
from demos.parts import events
from demos.parts.files import generated
from demos.parts.strip import picture_strip
from media import sheet
from models.gan.seeds import MAX_SEED
from serving.engine import Engine

WIDTH, LARGE, GAP = 512, 256, 8  # pixels of all samples in a row, of the held one, and between them
NEIGHBOURS = 3  # seeds on each side
SLOW = 96  # pixels of a sample from which a neighbour is four samples, for they take long and a thumbnail is small

DICE = str(Path(__file__).parents[1] / "page" / "dice.svg")
ROLL = "() => Math.floor(Math.random() * 1e6)"
STEP_SEED = f"(seed) => Math.min({MAX_SEED}, Math.max(0, Math.round(seed) + {{}}))"


@dataclass(frozen=True)
class SheetParts:
    """The components that show the sheet and the snapshots' steps."""

    grid: gr.Image
    ticks: gr.HTML


@dataclass(frozen=True)
class Sheet:
    """A drawn sheet: the files of the whole and of the held sample alone, and the held sample's z."""

    grid: str
    held: str
    z: tuple[float, ...]


def build(engine: Engine, selection: Selection, first: Sheet) -> SheetParts:
    """Lay out the section, and wire what changes the seed, the strip of neighbouring seeds and the endpoint.

    Args:
        engine: draws.
        selection: what the page shows.
        first: the sheet of the first sight.
    """

    def neighbours(drawn: Selected) -> list[tuple[str, str]]:
        count = 4 if selection.generators[drawn.model].size >= SLOW else SAMPLES
        return [(neighbour_file(drawn._replace(seed=seed), count), str(seed)) for seed in _near(drawn.seed)]

    def neighbour_file(near: Selected, count: int) -> str:
        pictures = engine.sample(near.model, step=near.step, seed=near.seed, count=count).pictures
        laid_out, recipe = sheet.lay_out(pictures, gap=1), near.recipe(samples=count)
        return generated(laid_out, name=f"seed-{near.seed}", recipe=recipe)

    grid = gr.Image(
        first.grid,
        label="Samples",
        alt_text="Samples of the generator in a square; the held one has a frame",
        format="png",
        interactive=False,
        show_label=False,
        elem_classes="crisp",
        elem_id="samples",
        buttons=["download", "fullscreen"],
    )
    with gr.Row(elem_id="seed-row"):
        back = gr.Button("Previous", min_width=70, elem_id="previous-seed")
        selection.seed.render()
        forward = gr.Button("Next", min_width=70, elem_id="next-seed")
        selection.side.render()
        roll = gr.Button("Roll", variant="primary", min_width=110, elem_id="roll", icon=DICE)
    others = picture_strip(
        "Neighbouring seeds",
        columns=2 * NEIGHBOURS + 1,
        elem_id="neighbours",
        show_label=False,
        pictures=neighbours(selection.drawn.value),
    )
    with gr.Group():
        selection.snapshot.render()
        ticks = gr.HTML(ticks_html(selection.first.steps), elem_id="ticks")

    def sample(seed: int, snapshot: int, held: int, model: str = selection.first.name, side: int = FIRST_SIDE) -> str:
        """Draw a square of pictures from a seed, sixteen if nothing else is asked for.

        The same seed gives the same pictures, always.

        Args:
            seed: a whole number from 0 to 4,294,967,295.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            held: the sample to frame, from 1 to the square of side.
            model: the generator's name.
            side: pictures in a row: 2, 3, 4, 6 or 8.
        """
        selected = selection.at(model, snapshot, seed, held, side)
        samples = engine.sample(selected.model, step=selected.step, seed=selected.seed, count=side**2)
        return _grid_file(samples.pictures, selected, side)

    def hold(event: gr.SelectData, model: str, side: int) -> int:
        cell = max(1, WIDTH // side // selection.generators[model].size) * selection.generators[model].size
        return sheet.cell_at(event.index, size=side * (cell + GAP) + GAP, columns=side) + 1

    def neighbour(event: gr.SelectData, seed: int) -> int:
        return _near(seed)[event.index]

    seed = selection.seed
    roll.click(None, None, seed, js=ROLL, **events.PRIVATE)
    back.click(None, seed, seed, js=STEP_SEED.format(-1), **events.PRIVATE)
    forward.click(None, seed, seed, js=STEP_SEED.format(1), **events.PRIVATE)
    others.select(neighbour, seed, seed, **events.QUIET, **events.SAMPLER)
    grid.select(hold, [selection.model, selection.side], selection.held, **events.QUIET, **events.SAMPLER)
    selection.drawn.change(neighbours, selection.drawn, others, **events.QUIET, **events.SAMPLER, **events.LATEST)
    endpoint = [seed, selection.snapshot, selection.held, selection.model, selection.side]
    gr.on([], sample, endpoint, grid, api_name="sample", **events.SAMPLER)
    return SheetParts(grid, ticks)


def draw(engine: Engine, selected: Selected, side: int = FIRST_SIDE) -> Sheet:
    """Draw the samples of a seed, `side` in a row and in a column, and frame the held one."""
    samples = engine.sample(selected.model, step=selected.step, seed=selected.seed, count=side**2)
    held = samples.pictures[selected.position]
    return Sheet(
        _grid_file(samples.pictures, selected, side),
        generated(
            sheet.lay_out([held], scale=sheet.scale_to(held, LARGE)),
            name=f"{_name(selected)}-sample-{selected.position + 1}",
            recipe={**_recipe(selected), "sample": selected.position + 1},
        ),
        samples.z[selected.position],
    )


def _grid_file(pictures: Sequence[Image.Image], selected: Selected, side: int) -> str:
    """The file of the whole sheet."""
    return generated(
        sheet.lay_out(pictures, scale=sheet.scale_to(pictures[0], WIDTH // side), gap=GAP, held=selected.position),
        name=_name(selected),
        recipe={**_recipe(selected), "samples": len(pictures), "held": selected.position + 1},
    )


def _name(selected: Selected) -> str:
    return f"{selected.model}-seed-{selected.seed}"


def _recipe(selected: Selected) -> dict[str, Any]:
    return {"model": selected.model, "step": selected.step, "seed": selected.seed}


def ticks_html(steps: tuple[int, ...]) -> str:
    """The steps below the snapshot slider; a single snapshot has no slider, so a sentence names its step."""
    if len(steps) == 1:
        return f'<div class="ticks" style="padding-top: 10px">One snapshot: after {steps[0]:,} training steps.</div>'
    labels = "".join(f"<span>{step if step < 1000 else f'{step // 1000}k'}</span>" for step in steps)
    return f'<div class="ticks" aria-hidden="true">{labels}</div>'


def _near(seed: int) -> list[int]:
    first = min(max(0, seed - NEIGHBOURS), MAX_SEED - 2 * NEIGHBOURS)
    return list(range(first, first + 2 * NEIGHBOURS + 1))
