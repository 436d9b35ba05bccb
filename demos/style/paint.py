"""The section that paints by optimisation, step by step, with Stop and Continue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import gradio as gr

from assets import samples
from demos.parts import events, explanation, html, stopping
from demos.parts.files import saved
from demos.parts.inputs import explained, refuse, share_button
from demos.parts.stopping import OFF, ON
from demos.style import about, paint_controls, painting_html
from demos.style.paint_controls import PaintControls, PaintRequest
from demos.style.paintings_in_progress import PaintingInProgress, PaintingsInProgress, going_on
from demos.style.request import Choices, Chosen, Scene
from media import images
from models.style.layers import STYLE_LAYERS
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.painting import PaintedFrame
from serving.engine.settings import to_dict

EVERY = 0.3  # seconds from one frame to the next, at least
GONE = "There is no painting to continue any more: start one with Paint."
OTHER = "The photo has changed since the painting began: start a new one with Paint."


class PaintSection(NamedTuple):
    """What the other sections need of this one."""

    paintings: PaintingsInProgress
    controls: PaintControls


def build(engine: Engine, tab: gr.Blocks, choices: Choices, section: gr.Tab) -> PaintSection:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    paintings = PaintingsInProgress(engine)
    board = gr.HTML(painting_html.waiting(images.read(samples.photos()[0].path, max_side=384)), elem_id="canvas")
    with gr.Row(elem_classes="actions"):
        start = gr.Button("Paint", variant="primary", min_width=90, elem_id="paint")
        stop = gr.Button("Stop", min_width=80, interactive=False, elem_id="stop-painting")
        go_on = gr.Button("Continue", min_width=100, interactive=False, elem_id="continue-painting")
        download = gr.DownloadButton("Download PNG", min_width=140, interactive=False, elem_id="download-painting")
        share_button("share-painting")
    explanation.build("Painting slowly", about.SLOWLY)
    controls = PaintControls()
    with gr.Accordion("Watch it: losses and Gram matrices", open=True, elem_id="watch"):
        curve = gr.HTML(
            html.note("Three curves fall here while it paints: content, style and their sum.", spoken=False),
            elem_id="loss-curve",
            min_height=200,
        )
        watched = gr.CheckboxGroup(
            list(STYLE_LAYERS),
            value=[],
            label="Gram matrices to watch while it paints",
            info="The picture’s drifts towards the painting’s. Each takes a little time.",
            elem_id="watched-layers",
        )
        grams = gr.HTML(elem_id="live-grams")
    outputs = [board, curve, grams, start, stop, go_on, download]
    inputs = [*choices.fields.values(), *controls.fields.values()]

    def read(values: Sequence[Any]) -> tuple[Chosen, PaintRequest]:
        chosen = choices.read(values[: len(choices.fields)])
        named = dict(zip(controls.fields, values[len(choices.fields) :], strict=True))
        paint_request = paint_controls.read(**named, style_scale=chosen.settings.style_scale)
        return chosen.at(side=paint_request.side), paint_request

    def work(
        chosen: Chosen,
        paint_request: PaintRequest,
        watched: Sequence[str],
        visitor: str,
        before: PaintingInProgress | None,
    ) -> Iterator[Any]:
        scene = chosen.scene(engine)
        points = before.curve if before else ()
        with explained(EngineError):
            frames = engine.paint(
                scene.photo,
                scene.paintings,
                side=paint_request.side,
                options=paint_request.options,
                start=paint_request.start,
                colours=chosen.settings.colours,
                mask=scene.mask,
                resume=before.frame.resume if before else None,
                interval=EVERY,
            )
            for frame in going_on(engine, frames, before):
                points = (*points, *(point for point in frame.curve if not points or point.step > points[-1].step))
                paintings.put(visitor, PaintingInProgress(scene, chosen.settings, frame, points))
                lines = painting_html.curves(points, frame.steps, paint_request.options.weights)
                maps = _maps(engine, scene, frame, watched)
                yield painting_html.frame(frame), lines, maps, OFF, ON, OFF, gr.skip()
        yield finished(visitor, paint_request)

    def finished(visitor: str, paint_request: PaintRequest) -> tuple[Any, ...]:
        """Show the newest frame beside the photo, and hand out its file."""
        done = paintings.get(visitor)
        if done is None:
            return gr.skip(), gr.skip(), gr.skip(), ON, OFF, OFF, OFF
        picture = done.frame.picture
        settings = {**to_dict(done.settings), "method": "gatys", "done": done.frame.step, **paint_request.metadata}
        file = saved(picture, name=f"painted-{done.frame.step}-steps", settings=settings)
        board = painting_html.compare(done.scene.photo, picture, text=painting_html.done(done.frame))
        return board, gr.skip(), gr.skip(), ON, OFF, ON, gr.update(value=file, interactive=True)

    def begin(request: gr.Request, watched: list[str], *values: Any) -> Iterator[Any]:
        chosen, paint_request = read(values)
        paintings.clear(_visitor(request))
        yield from work(chosen, paint_request, watched, _visitor(request), None)

    def continue_painting(request: gr.Request, watched: list[str], *values: Any) -> Iterator[Any]:
        chosen, paint_request = read(values)
        before = paintings.get(_visitor(request))
        if before is None:
            raise refuse(GONE)
        with explained(EngineError):
            photo = engine.prepared(chosen.photo, before.settings)
        if photo != before.scene.photo:
            raise refuse(OTHER)
        yield from work(chosen, _further(paint_request, before), watched, _visitor(request), before)

    def stopped(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        return finished(_visitor(request), read(values)[1])

    def leave(request: gr.Request) -> None:
        paintings.clear(_visitor(request))

    def cost(*values: Any) -> str:
        chosen, paint_request = read(values)
        return painting_html.cost(
            engine.painting_cost(chosen.photo, side=paint_request.side, options=paint_request.options),
            paint_request.options.steps,
        )

    # "minimal", or the picture would be covered while the painting waits in the queue
    heavy = {**events.LONG, **events.PRIVATE, "show_progress_on": board, "show_progress": "minimal"}
    for button, action in ((start, begin), (go_on, continue_painting)):
        stopping.turn_on(button, stop)
        begun = button.click(action, [watched, *inputs], outputs, **heavy)
        stopping.wire(stop, begun, stopped, inputs, outputs)
    controls.ratio.change(
        lambda ratio: gr.update(label=paint_controls.ratio_label(ratio)), controls.ratio, controls.ratio, **events.QUIET
    )
    gr.on(
        [
            section.select,  # and not before: the speed is measured for it
            controls.side.change,
            controls.steps.change,
            controls.optimiser.change,
            choices.pictures.files["content"].change,
        ],
        cost,
        inputs,
        controls.cost,
        **events.NOTICES,
        **events.LATEST,
        **events.QUIET,
    )
    tab.unload(leave)
    return PaintSection(paintings, controls)


def _visitor(request: gr.Request) -> str:
    return request.session_hash or ""


def _further(paint_request: PaintRequest, before: PaintingInProgress) -> PaintRequest:
    """Ask for as many steps again where those asked for are done already; they count from the painting's start."""
    done = before.frame.full_size_steps
    if done < paint_request.options.steps:
        return paint_request
    return paint_request._replace(options=replace(paint_request.options, steps=done + paint_request.options.steps))


def _maps(engine: Engine, scene: Scene, frame: PaintedFrame, layers: Sequence[str]) -> str:
    if not layers:
        return ""
    pictures = {"photo": scene.photo, "picture now": frame.picture, "painting": scene.paintings[0].picture}
    maps = engine.gram(pictures, like="painting", layers=layers, side=max(frame.picture.size))
    return painting_html.heat_maps(maps)
