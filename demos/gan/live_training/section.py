"""A section of the GAN tab: train a small GAN and watch it, on digits, clothes or your own drawings."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from demos.gan import about
from demos.gan.live_training import board_html, frame_html
from demos.gan.live_training.api import publish
from demos.gan.live_training.controls import LiveControls, read
from demos.gan.live_training.runs import VisitorRun, VisitorRuns
from demos.parts import events, explanation
from demos.parts.files import place_for
from demos.parts.inputs import explained, refuse
from demos.parts.stopping import OFF, ON
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.live_training import KINDS, SHEET, Action, LiveFrame, LiveRecipe

EVERY = 0.3  # seconds from one frame to the next, at least
NONE = "There is no training to steer. Press Start first."
HELP = (
    "Two networks learn against each other: **G** draws, **D** says how real each picture looks. Press Start and watch "
    "three things. *The samples*: grey fog, then strokes, then shapes; small beside each stands the real picture that "
    "is closest to it. *What D says*: while the two heaps lie far apart, D wins easily; good training brings them "
    "together. *The kinds*: if only a few stay, G repeats what works (mode collapse). Then change a switch of the "
    "recipe and start again."
)


def build(engine: Engine, tab: gr.Blocks) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine; nothing runs until Start."""
    runs = VisitorRuns()
    with gr.Accordion("Train one live", open=False, elem_id="live-training") as section:
        gr.Markdown(HELP)
        explanation.build("Training live", about.LIVE_TRAINING)
        controls = LiveControls()
        board = gr.HTML(board_html.SHELL, visible=False, padding=False, js_on_load=None, elem_id="live-board")
        with gr.Row(elem_classes="actions"):
            start = gr.Button("Start", variant="primary", min_width=90, elem_id="live-start")
            pause = gr.Button("Pause", min_width=90, interactive=False, elem_id="live-pause")
            go = gr.Button("Go on", min_width=90, interactive=False, elem_id="live-go")
            d_step = gr.Button("One D step", min_width=110, interactive=False, elem_id="live-d-step")
            g_step = gr.Button("One G step", min_width=110, interactive=False, elem_id="live-g-step")
            stop = gr.Button("Stop", min_width=80, interactive=False, elem_id="live-stop")
        with gr.Row(equal_height=False):
            with gr.Column(scale=6, min_width=320):
                stage = gr.HTML(frame_html.waiting(), elem_id="live-stage", js_on_load=None)
                with gr.Row(elem_classes="actions"):
                    sample = gr.Button("New samples", min_width=120, interactive=False, elem_id="live-sample")
                    save = gr.DownloadButton(
                        "Save it (safetensors)", min_width=160, interactive=False, elem_id="live-save"
                    )
                others = gr.HTML(elem_id="live-others", js_on_load=None)
            with gr.Column(scale=5, min_width=300):
                measures = gr.HTML(elem_id="live-measures", js_on_load=None)
        with gr.Accordion("The recipe", open=False, elem_id="live-recipe"):
            controls.lay_out()
        drawings = gr.Textbox(label="Drawings", visible="hidden")
    fields, steering = list(controls.fields), [pause, go, d_step, g_step, stop]
    outputs = [stage, measures, start, *steering, sample, save]

    def prepare() -> None:
        engine.prepare_live()

    def begin(request: gr.Request, sent: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        visitor = _visitor(request)
        with explained(EngineError):
            recipe = read(fields, values)
            pictures = board_html.drawings(sent) if recipe.pictures == "drawings" else []
            run = VisitorRun(
                engine.start_live(recipe, drawings=pictures, visitor=visitor), _kinds(recipe, len(pictures)), recipe
            )
            runs.put(visitor, run)
            over, last = False, None
            try:
                for frame in engine.live_frames(run.handle, interval=EVERY):
                    over, now = frame.over, (frame.state, frame.step)
                    yield contents(run, frame) if now != last else (gr.skip(),) * len(outputs)
                    last = now
            finally:
                if not over:  # the visitor has left
                    engine.end_live(run.handle)

    def contents(run: VisitorRun, frame: LiveFrame) -> tuple[Any, ...]:
        run.losses.add(frame.curve)
        buttons = (
            [OFF] * len(steering) if frame.over else [_on(frame.state == "training"), _on(frame.state == "paused")]
        )
        buttons += [] if frame.over else [ON, ON, ON]
        file = gr.update(value=written(run, frame), interactive=True) if frame.over else OFF
        stage = frame_html.stage(frame, frame_html.in_file(frame, run.recipe))
        measures = frame_html.measures(frame, run.losses, run.kinds)
        return stage, measures, _on(frame.over), *buttons, ON, file

    def written(run: VisitorRun, frame: LiveFrame) -> str:
        content = engine.own_file(engine.keep_live(run.handle).name)
        with place_for(f"trained-live-{frame.step}-steps.safetensors") as path:
            Path(path).write_bytes(content)
        return str(path)

    def steer(action: Action, request: gr.Request) -> None:
        run = runs.get(_visitor(request))
        if run is None:
            raise refuse(NONE)
        with explained(EngineError):
            engine.control_live(run.handle, action)

    def draw(request: gr.Request) -> str:
        run = runs.get(_visitor(request))
        if run is None:
            raise refuse(NONE)
        with explained(EngineError):
            name = engine.keep_live(run.handle).name
            seed = random.randint(0, MAX_SEED)  # noqa: S311 - of pictures
            samples = engine.sample(name, step=0, seed=seed, count=SHEET)
        recipe = {"model": frame_html.TRAINED_LIVE, "training": asdict(run.recipe), "seed": seed, "samples": SHEET}
        return frame_html.more(samples, recipe)

    def leave(request: gr.Request) -> None:
        run = runs.take(_visitor(request))
        if run:
            engine.end_live(run.handle)

    section.expand(prepare, None, None, **events.QUIET)
    controls.pictures.change(
        lambda pictures: gr.update(visible=pictures == "drawings"), controls.pictures, board, **events.AT_ONCE
    )
    start.click(None, None, start, js="() => ({ __type__: 'update', interactive: false })", **events.QUIET)
    begun = start.click(
        begin,
        [drawings, *controls.fields.values()],
        outputs,
        js=board_html.SEND,
        concurrency_id="live-training",
        concurrency_limit=16,
        **events.QUIET,
    )
    begun.failure(lambda: [ON, *[OFF] * len(steering)], None, [start, *steering], **events.AT_ONCE)
    actions: dict[Action, gr.Button] = {"pause": pause, "go": go, "d-step": d_step, "g-step": g_step, "stop": stop}
    for action, button in actions.items():
        button.click(_steering(steer, action), None, None, queue=False, **events.QUIET)
    sample.click(draw, None, others, **events.QUIET, **events.SAMPLER, **events.LATEST)
    tab.unload(leave)
    publish(engine, controls)


def _steering(steer: Any, action: Action) -> Any:
    def press(request: gr.Request) -> None:
        steer(action, request)

    return press


def _kinds(recipe: LiveRecipe, drawings: int) -> tuple[str, ...]:
    return KINDS[recipe.pictures] or tuple(str(number) for number in range(1, drawings + 1))


def _on(on: bool) -> Any:
    return ON if on else OFF


def _visitor(request: gr.Request) -> str:
    return request.session_hash or ""
