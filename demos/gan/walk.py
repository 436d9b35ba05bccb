"""A section of the sampler: walk from the held sample to another, round the origin of the latent space or straight."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from demos.parts.files import saved
from demos.parts.inputs import explained, slider_input
from media import sheet
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sampling import Way

STEPS, SIDE = 9, 64
WAYS: tuple[tuple[Way, str], ...] = (("slerp", "Round the origin (slerp)"), ("lerp", "Straight (lerp)"))
HELP = (
    "From the held sample to another of the sixteen. Samples lie on a shell about √dim(z) from the origin: the way "
    "round stays on it, the straight way cuts through where no sample was ever drawn."
)


def build(
    engine: Engine,
    step_of: Callable[[str, int], int],
    *,
    samples: int,
    seed: gr.Number,
    snapshot: gr.Slider,
    held: gr.Slider,
    model: gr.Dropdown,
) -> None:
    """Add the section to the page that is being laid out, and wire it to the sampler's inputs."""
    with gr.Accordion("Walk through the latent space", open=False, elem_id="walk"):
        gr.Markdown(HELP)
        with gr.Row(equal_height=True):
            goal = slider_input(
                1,
                samples,
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
        strips = [
            gr.Gallery(
                label=label,
                columns=STEPS,
                height="auto",
                allow_preview=False,
                interactive=False,
                object_fit="contain",
                buttons=[],
                visible=False,
                elem_classes=["thumbs", "seeds"],
                elem_id=f"walk-{way}",
            )
            for way, label in WAYS
        ]

    def walk(seed: int, snapshot: int, held: int, goal: int, model: str) -> list[dict[str, Any]]:
        with explained(EngineError):
            return [
                gr.update(value=_strip(way, model, step_of(model, snapshot), seed, (held - 1, goal - 1)), visible=True)
                for way, _ in WAYS
            ]

    def _strip(way: Way, model: str, step: int, seed: int, ends: tuple[int, int]) -> list[tuple[str, str]]:
        walked = engine.walk(model, step=step, seed=seed, ends=ends, count=STEPS, way=way)
        scale = sheet.scale_to(walked[0].picture, SIDE)
        return [
            (saved(sheet.lay_out([one.picture], scale=scale), name=f"{way}-{i}"), f"‖z‖ {one.length:.1f}")
            for i, one in enumerate(walked)
        ]

    gr.on(
        [go.click, goal.release],
        walk,
        [seed, snapshot, held, goal, model],
        strips,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="always_last",
        concurrency_id="sampler",
    )
