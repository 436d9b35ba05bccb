"""The section that restyles many pictures: one photo in every painting, a folder, or a short film."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr
from gradio.components import Component

from assets import samples
from demos.parts import events, explanation, html, stopping
from demos.parts.files import place_for, saved
from demos.parts.inputs import explained, share_button, slider_input
from demos.style import about
from demos.style.request import Choices, Chosen, chosen
from media import images
from serving.engine import Engine
from serving.engine.durations import in_words
from serving.engine.errors import EngineError
from serving.engine.settings import to_dict

Values: TypeAlias = dict[Component, Any]  # of the inputs, by component

SIDES = (128, 256, 384, 512)
FIRST_SIDE = 256
STOPPED = html.note("Stopped. Nothing was saved.")


def build(engine: Engine, choices: Choices) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    gr.Markdown(
        "Uses the photo, the painting, the colours, the strokes and the preparation that you chose.",
        elem_classes="note",
    )
    explanation.build("Many pictures", about.MANY)
    side = gr.Dropdown(
        [(f"{n} px", n) for n in SIDES],
        value=FIRST_SIDE,
        label="Size of each picture",
        info="Pixels along the longer side.",
        elem_id="batch-side",
    )
    gr.Markdown("## One photo, every painting", elem_classes="note")
    sheet_board = gr.HTML(
        html.note("Press Paint them all: the photo in the style of each sample painting, on one sheet.", spoken=False),
        elem_id="sheet",
    )
    paint_sheet, stop_sheet, sheet_file = _buttons("Paint them all", "sheet", shared=True)
    gr.Markdown(
        "## A folder\nUpload a zip of up to 100 photos and download them painted, as a zip of PNGs.",
        elem_classes="note",
    )
    folder = gr.File(label="Zip of photos", file_types=[".zip"], height=110, elem_id="folder")
    folder_board = gr.HTML(elem_id="folder-progress", min_height=24)
    paint_folder, stop_folder, folder_file = _buttons("Paint the folder", "folder", shared=False)
    gr.Markdown("## A short film\nA video or a moving GIF, painted frame by frame.", elem_classes="note")
    film = gr.File(label="Video or GIF", height=110, elem_id="film")  # known by its content: browsers differ on types
    smoothing = slider_input(
        0,
        0.95,
        value=0.8,
        step=0.05,
        label="Steadiness",
        info="More reduces flicker, but fast movement leaves a trail.",
        buttons=[],
        elem_id="smoothing",
    )
    kind = gr.Radio(
        [("Film (MP4, with sound)", "mp4"), ("GIF", "gif")], value="mp4", label="Save as", elem_id="film-kind"
    )
    film_board = gr.HTML(elem_id="film-progress", min_height=24)
    paint_film, stop_film, film_file = _buttons("Paint the film", "film", shared=True)

    def read(values: Values) -> Chosen:
        named = {name: values[control] for name, control in choices.fields.items()}
        return chosen(named).at(side=values[side])

    def sheet(values: Values) -> Iterator[tuple[Any, Any]]:
        request = read(values)
        styles = [images.read(sample.path, max_side=512) for sample in samples.paintings()]
        with explained(EngineError):
            for step in engine.contact_sheet(request.photo, styles, request.settings):
                picture = html.figure(
                    step.sheet, alt=f"The photo, then the photo in the style of {step.done} paintings, on one sheet"
                )
                yield _bar(step.done, step.total, "paintings") + picture, gr.skip()
        file = saved(step.sheet, name="contact-sheet", settings=to_dict(request.settings))
        yield picture, gr.update(value=file, interactive=True)

    def paint_all(values: Values) -> Iterator[tuple[Any, Any]]:
        if values[folder] is None:
            yield html.note("Choose a zip of photos first."), gr.skip()
            return
        request = read(values)
        problems: list[str] = []
        with explained(EngineError), place_for("restyled.zip") as target:
            for step in engine.restyle_folder(values[folder], target, request.styles, request.settings):
                if step.problem:
                    problems.append(f"{step.name}: {step.problem}")
                report = _bar(step.done, step.total, "files") + _left_out(problems)
                if step.picture is not None:
                    small = images.fit(step.picture, 160)
                    report += html.row([html.figure(small, alt=f"{step.name}, restyled", caption=step.name)], many=True)
                yield report, gr.skip()
            yield report, gr.update(value=str(target), interactive=True)

    def announce(values: Values) -> str:
        if values[film] is None:
            return ""
        with explained(EngineError):
            return html.note(engine.estimate_video(values[film], read(values).settings, kind=values[kind]).sentence)

    def film_frames(values: Values) -> Iterator[tuple[Any, Any]]:
        if values[film] is None:
            yield html.note("Choose a video or a GIF first."), gr.skip()
            return
        request = read(values)
        with explained(EngineError), place_for(f"restyled.{values[kind]}") as target:
            steps = engine.restyle_video(
                values[film], target, request.styles, request.settings, smoothing=values[smoothing], kind=values[kind]
            )
            for step in steps:
                left = f", {in_words(step.seconds_left)} left" if step.done < step.total else ""
                frame = html.figure(step.frame, alt=f"Frame {step.done} of the film, restyled")
                yield _bar(step.done, step.total, f"frames{left}") + frame, gr.skip()
            yield _moving(target, alt="The restyled film"), gr.update(value=str(target), interactive=True)

    inputs: set[gr.blocks.Block] = {side, *choices.fields.values()}
    works = (
        (paint_sheet, stop_sheet, sheet, inputs, sheet_board, sheet_file),
        (paint_folder, stop_folder, paint_all, {folder, *inputs}, folder_board, folder_file),
        (paint_film, stop_film, film_frames, {film, smoothing, kind, *inputs}, film_board, film_file),
    )
    for start, stop, work, taken, board, file in works:
        stopping.turn_on(start, stop)
        begun = start.click(
            stopping.stoppable(work, outputs=2),
            taken,
            [board, file, stop],
            show_progress_on=board,
            **events.LONG,
            **events.PRIVATE,
        )
        stopping.wire(stop, begun, lambda: (STOPPED, stopping.OFF), None, [board, stop])
    changes = [film.change, side.change, kind.change]
    gr.on(changes, announce, {film, kind, *inputs}, film_board, **events.NOTICES, **events.QUIET)


def _moving(path: Path, *, alt: str) -> str:
    """A film with its controls, or a GIF, as HTML."""
    if path.suffix != ".gif":
        return html.film(path, alt=alt)
    content = base64.b64encode(path.read_bytes()).decode()
    return f'<img alt="{escape(alt)}" src="data:image/gif;base64,{content}">'


def _buttons(start: str, name: str, *, shared: bool) -> tuple[gr.Button, gr.Button, gr.DownloadButton]:
    with gr.Row(elem_classes="actions"):
        buttons = (
            gr.Button(start, min_width=130, elem_id=f"start-{name}"),
            gr.Button("Stop", min_width=80, interactive=False, elem_id=f"stop-{name}"),
            gr.DownloadButton("Download", min_width=110, interactive=False, elem_id=f"download-{name}"),
        )
        if shared:
            share_button(f"share-{name}")
    return buttons


def _bar(done: int, total: int, counted: str) -> str:
    text = f"{done:,} of {total:,} {counted}."
    return html.progress(done, total, label=f"{counted} done") + html.note(text, spoken=False)


def _left_out(problems: list[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<ul class="note">{items}</ul>'
