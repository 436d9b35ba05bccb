"""The tab that samples a GAN: a seed, sixteen samples, and the latent numbers behind each."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

import gradio as gr

from demos.gan import attention, guest, walk, z_sliders
from demos.parts.files import saved
from demos.parts.inputs import explained, refuse, seed_input, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError

SAMPLES = 16
COLUMNS = math.isqrt(SAMPLES)
CELL, LARGE, GAP = 128, 256, 8  # pixels of a sample on the sheet, of the held one, and between them
NEIGHBOURS = 3
FIRST_SEED = 42

DICE = str(Path(__file__).parents[1] / "page" / "dice.svg")
ROLL = "() => Math.floor(Math.random() * 1e6)"
STEP_SEED = "(seed) => Math.min(4294967295, Math.max(0, Math.round(seed) + {}))"


def build(engine: Engine) -> gr.Blocks:
    """Lay out the tab and wire it to the engine."""
    known = {info.name: info for info in engine.generators()}
    first = next(iter(known.values()))
    last = len(first.steps) - 1

    with gr.Blocks() as tab:
        gr.Markdown("Roll for sixteen new pictures, then click one and bend it.", elem_classes="hint")
        model = gr.Dropdown(
            [(info.title, name) for name, info in known.items()],
            value=first.name,
            label="Generator",
            info=first.shows,
            visible=len(known) > 1,
            elem_id="generator",
        )
        with gr.Row(equal_height=False):
            with gr.Column(scale=6, min_width=320):
                grid = gr.Image(
                    label="Samples",
                    alt_text="Sixteen samples of the generator, four by four; the held one has a frame",
                    format="png",
                    interactive=False,
                    show_label=False,
                    elem_classes="crisp",
                    elem_id="samples",
                    buttons=["download", "fullscreen"],
                )
                with gr.Row(elem_id="seed-row"):
                    back = gr.Button("Previous", min_width=70, elem_id="previous-seed")
                    seed = seed_input(label="Seed", value=FIRST_SEED, min_width=100, elem_id="seed")
                    forward = gr.Button("Next", min_width=70, elem_id="next-seed")
                    roll = gr.Button("Roll", variant="primary", min_width=110, elem_id="roll", icon=DICE)
                strip = gr.Gallery(
                    label="Neighbouring seeds",
                    show_label=False,
                    columns=2 * NEIGHBOURS + 1,
                    height="auto",
                    allow_preview=False,
                    interactive=False,
                    object_fit="contain",
                    buttons=[],
                    elem_classes=["thumbs", "seeds"],
                    elem_id="neighbours",
                )
                with gr.Group():
                    snapshot = slider_input(
                        0,
                        last,
                        furthest=max(len(info.steps) for info in known.values()) - 1,
                        value=last,
                        step=1,
                        precision=0,
                        label=_after(first.steps[last]),
                        info="The same z through the generator as it was earlier in its training.",
                        elem_id="snapshot",
                        buttons=[],
                    )
                    ticks = gr.HTML(_ticks(first.steps), elem_id="ticks")
            with gr.Column(scale=5, min_width=300):
                large = gr.Image(
                    label="Held sample",
                    alt_text="The held sample, large",
                    format="png",
                    interactive=False,
                    show_label=False,
                    height=288,
                    elem_classes="crisp",
                    elem_id="held-sample",
                    buttons=["download"],
                )
                held = slider_input(
                    1, SAMPLES, value=1, step=1, precision=0, label="Held sample", elem_id="held", buttons=[]
                )
                bend = z_sliders.build(first, known.values())
        # What sets several components at once says so here: each picture has one event that draws it, so that
        # no answer to an earlier question can come last and stay.
        picked, turned = gr.State(0), gr.State(0)

        def step_of(model: str, snapshot: int) -> int:
            steps = known[model].steps
            if snapshot >= len(steps):
                raise refuse(f"{known[model].title} has the snapshots 0 to {len(steps) - 1}, not {snapshot}.")
            return steps[snapshot]

        inputs: dict[str, Any] = {"seed": seed, "snapshot": snapshot, "held": held, "model": model}
        if any(info.attends for info in known.values()):
            attention.build(engine, step_of, known=known, **inputs)
        walk.build(engine, step_of, samples=SAMPLES, **inputs)
        if engine.welcomes_guests:
            guest.build(engine, first, seed)

        def sample(seed: int, snapshot: int, held: int, model: str = first.name) -> str:
            """Draw sixteen pictures from a seed: the same seed gives the same picture, always.

            Args:
                seed: a whole number from 0 to 4,294,967,295.
                snapshot: which generator: 0 is untrained, the last one fully trained.
                held: the sample to frame, 1 to 16.
                model: the generator's name.
            """
            samples = engine.sample(model, step=step_of(model, snapshot), seed=seed, count=SAMPLES)
            return saved(
                sheet.lay_out(samples, scale=sheet.scale_to(samples[0], CELL), gap=GAP, held=held - 1),
                name=f"{model}-seed-{seed}",
            )

        def neighbours(seed: int, snapshot: int, model: str) -> list[tuple[str, str]]:
            step, near = step_of(model, snapshot), _near(seed)
            sheets = [sheet.lay_out(engine.sample(model, step=step, seed=one, count=SAMPLES), gap=1) for one in near]
            return [(saved(small, name=f"seed-{one}"), str(one)) for small, one in zip(sheets, near, strict=True)]

        def turn_knobs(seed: int, held: int, indices: list[int], model: str) -> list[object]:
            """Set the sliders to the held sample's own z."""
            z = engine.latent(model, seed=seed, index=held - 1)
            return [*z_sliders.settings(z, indices), time.monotonic_ns()]

        def move_z(
            seed: int,
            snapshot: int,
            held: int,
            indices: list[int],
            z_1: float,
            z_2: float,
            z_3: float,
            z_4: float,
            model: str = first.name,
        ) -> str:
            """Draw one sample of a seed again with up to four of its latent numbers replaced.

            Args:
                seed: a whole number from 0 to 4,294,967,295.
                snapshot: which generator: 0 is untrained, the last one fully trained.
                held: the sample, 1 to 16.
                indices: which numbers z_i to replace, up to four.
                z_1: the new value of the first of them, -4 to 4.
                z_2: of the second.
                z_3: of the third.
                z_4: of the fourth.
                model: the generator's name.
            """
            own = z_sliders.shown(engine.latent(model, seed=seed, index=held - 1))
            wanted = zip(indices, (z_1, z_2, z_3, z_4), strict=False)
            moved = {i: value for i, value in wanted if own[i : i + 1] != [value]}  # the rest keep all their decimals
            with explained(EngineError):
                picture = engine.move(model, step=step_of(model, snapshot), seed=seed, index=held - 1, moved=moved)
            return saved(
                sheet.lay_out([picture], scale=sheet.scale_to(picture, LARGE)),
                name=f"{model}-seed-{seed}-sample-{held}",
            )

        def hold(event: gr.SelectData) -> int:
            return sheet.cell_at(event.index, size=COLUMNS * (CELL + GAP) + GAP, columns=COLUMNS) + 1

        def choose_numbers(model: str) -> dict[str, Any]:
            return z_sliders.choice(known[model], engine.influential(model, count=z_sliders.KNOBS))

        def pick(model: str) -> tuple[object, ...]:
            info = known[model]
            last = len(info.steps) - 1
            return (
                gr.update(info=info.shows),
                gr.update(maximum=last, value=last, label=_after(info.steps[last])),
                _ticks(info.steps),
                choose_numbers(model),
                time.monotonic_ns(),
            )

        quick: dict[str, Any] = {"show_progress": "hidden", "concurrency_id": "sampler", "concurrency_limit": 2}
        latest: dict[str, Any] = {**quick, "trigger_mode": "always_last"}
        private: dict[str, Any] = {"api_visibility": "private"}
        roll.click(None, None, seed, js=ROLL, **private)
        back.click(None, seed, seed, js=STEP_SEED.format(-1), **private)
        forward.click(None, seed, seed, js=STEP_SEED.format(1), **private)
        strip.select(_neighbour, seed, seed, **quick, **private)
        grid.select(hold, None, held, **quick, **private)
        gr.on(
            [tab.load, picked.change, seed.change, snapshot.change, held.change],
            sample,
            [seed, snapshot, held, model],
            grid,
            api_name="sample",
            **latest,
        )
        snapshot.change(
            lambda at, model: gr.update(label=_after(step_of(model, at))),
            [snapshot, model],
            snapshot,
            queue=False,
            **latest,
            **private,
        )
        gr.on(
            [tab.load, picked.change, seed.change, snapshot.change],
            neighbours,
            [seed, snapshot, model],
            strip,
            **latest,
            **private,
        )
        tab.load(lambda: choose_numbers(first.name), None, bend.indices, **quick, **private)
        model.input(pick, model, [model, snapshot, ticks, bend.indices, picked], **quick, **private)
        gr.on(  # `picked` too: the same four numbers may matter most in both generators
            [picked.change, seed.change, held.change, bend.indices.change, bend.reset.click],
            turn_knobs,
            [seed, held, bend.indices, model],
            [*bend.sliders, turned],
            **latest,
            **private,
        )
        gr.on(
            [*(slider.input for slider in bend.sliders), snapshot.change, turned.change],
            move_z,
            [seed, snapshot, held, bend.indices, *bend.sliders, model],
            large,
            api_name="move_z",
            **latest,
        )
    return tab


def _near(seed: int) -> list[int]:
    first = min(max(0, seed - NEIGHBOURS), 2**32 - 1 - 2 * NEIGHBOURS)
    return list(range(first, first + 2 * NEIGHBOURS + 1))


def _neighbour(event: gr.SelectData, seed: int) -> int:
    return _near(seed)[event.index]


def _after(step: int) -> str:
    return f"Training: {step:,} steps" if step else "Training: before the first step"


def _ticks(steps: tuple[int, ...]) -> str:
    labels = "".join(f"<span>{step if step < 1000 else f'{step // 1000}k'}</span>" for step in steps)
    return f'<div class="ticks" aria-hidden="true">{labels}</div>'
