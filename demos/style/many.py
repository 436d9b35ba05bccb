"""The section for many at once: one photo in every painting, a folder, or a short film."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from assets import samples
from demos.parts import html, stopping
from demos.parts.files import place_for, saved
from demos.parts.inputs import explained, slider_input
from demos.style import painting_html
from demos.style.picture_controls import QUIET
from demos.style.request import Choices
from media import images
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.settings import to_dict

SIDES = (128, 256, 384, 512)
FIRST_SIDE = 256
READY = gr.update(interactive=True)
STOPPED = '<p class="note" role="status">Stopped; nothing is kept.</p>'


def build(engine: Engine, choices: Choices) -> None:
    """Add the section to the page that is being laid out, and wire it to the engine."""
    gr.Markdown("Size, colours, strokes and preparation as chosen; the photo and painting too.", elem_classes="note")
    side = gr.Dropdown(
        [(f"{n} px", n) for n in SIDES],
        value=FIRST_SIDE,
        label="Size of each picture",
        info="Longer side.",
        elem_id="batch-side",
    )
    gr.Markdown("#### One photo, every painting", elem_classes="note")
    sheet_board = gr.HTML(
        painting_html.empty("Press Paint them all: the photo in each of the sample paintings, on one sheet."),
        elem_id="sheet",
    )
    paint_sheet, stop_sheet, sheet_file = _buttons("Paint them all", "sheet")
    gr.Markdown("#### A folder\nA zip of up to 100 photos comes back as a zip of PNGs.", elem_classes="note")
    folder = gr.File(label="Zip of photos", file_types=[".zip"], height=110, elem_id="folder")
    folder_board = gr.HTML(elem_id="folder-progress", min_height=24)
    paint_folder, stop_folder, folder_file = _buttons("Paint the folder", "folder")
    gr.Markdown("#### A short film\nA video or a moving GIF, painted frame by frame, steadied.", elem_classes="note")
    film = gr.File(label="Video or GIF", file_types=["video", ".gif"], height=110, elem_id="film")
    smoothing = slider_input(
        0,
        0.95,
        value=0.8,
        step=0.05,
        label="Steadiness",
        info="Against flicker; more lags behind.",
        buttons=[],
        elem_id="smoothing",
    )
    film_board = gr.HTML(elem_id="film-progress", min_height=24)
    paint_film, stop_film, film_file = _buttons("Paint the film", "film")

    def sheet(side: int, *values: Any) -> Iterator[tuple[Any, Any]]:
        chosen = choices.read(values).at(side=side)
        styles = [images.read(sample.path, max_side=512) for sample in samples.paintings()]
        with explained(EngineError):
            for step in engine.contact_sheet(chosen.photo, styles, chosen.settings):
                shown = html.figure(step.sheet, alt=f"The photo, then the photo in {step.done} paintings, on one sheet")
                yield _bar(step.done, step.total, "paintings") + shown, gr.skip()
        file = saved(step.sheet, name="contact-sheet", settings=to_dict(chosen.settings))
        yield shown, gr.update(value=file, interactive=True)

    def paint_all(archive: str | None, side: int, *values: Any) -> Iterator[tuple[Any, Any]]:
        if archive is None:
            yield _note("Choose a zip of photos first."), gr.skip()
            return
        chosen = choices.read(values).at(side=side)
        problems: list[str] = []
        with explained(EngineError), place_for("restyled.zip") as target:
            for step in engine.restyle_folder(archive, target, chosen.styles, chosen.settings):
                if step.problem:
                    problems.append(f"{step.name}: {step.problem}")
                shown = _bar(step.done, step.total, "files") + _left_out(problems)
                if step.picture is not None:
                    small = images.fit(step.picture, 160)
                    shown += html.row([html.figure(small, alt=f"{step.name}, restyled", caption=step.name)], many=True)
                yield shown, gr.skip()
            yield shown, gr.update(value=str(target), interactive=True)

    def announce(film: str | None, side: int, *values: Any) -> str:
        if film is None:
            return ""
        with explained(EngineError):
            return _note(engine.estimate_video(film, choices.read(values).at(side=side).settings).sentence)

    def film_frames(film: str | None, smoothing: float, side: int, *values: Any) -> Iterator[tuple[Any, Any]]:
        if film is None:
            yield _note("Choose a video or a GIF first."), gr.skip()
            return
        chosen = choices.read(values).at(side=side)
        with explained(EngineError), place_for("restyled.mp4") as target:
            steps = engine.restyle_video(film, target, chosen.styles, chosen.settings, smoothing=smoothing)
            for step in steps:
                left = f", {painting_html.duration(step.seconds_left)} left" if step.done < step.total else ""
                frame = html.figure(step.frame, alt=f"Frame {step.done} of the film, restyled")
                yield _bar(step.done, step.total, f"frames{left}") + frame, gr.skip()
            yield html.film(target, alt="The restyled film"), gr.update(value=str(target), interactive=True)

    chosen_inputs = list(choices.fields.values())
    private: dict[str, Any] = {"api_visibility": "private"}
    heavy: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1, **private}
    works = (
        (paint_sheet, stop_sheet, sheet, [side], sheet_board, sheet_file),
        (paint_folder, stop_folder, paint_all, [folder, side], folder_board, folder_file),
        (paint_film, stop_film, film_frames, [film, smoothing, side], film_board, film_file),
    )
    for start, stop, work, own, board, file in works:
        told = stopping.stoppable(work, outputs=2)
        begun = start.click(told, [*own, *chosen_inputs], [board, file, stop], show_progress_on=board, **heavy)
        stopping.wire(stop, begun, lambda: (STOPPED, stopping.OFF), None, [board, stop])
    gr.on(
        [film.change, side.change],
        announce,
        [film, side, *chosen_inputs],
        film_board,
        concurrency_id="notices",
        concurrency_limit=2,
        **QUIET,
    )


def _buttons(start: str, name: str) -> tuple[gr.Button, gr.Button, gr.DownloadButton]:
    with gr.Row(elem_classes="actions"):
        return (
            gr.Button(start, min_width=130, elem_id=f"start-{name}"),
            gr.Button("Stop", min_width=80, interactive=False, elem_id=f"stop-{name}"),
            gr.DownloadButton("Download", min_width=110, interactive=False, elem_id=f"download-{name}"),
        )


def _bar(done: int, total: int, what: str) -> str:
    bar = f'<progress max="{total}" value="{done}" aria-label="{escape(what)} done"></progress>'
    return f'{bar}<p class="note">{done:,} of {total:,} {escape(what)}.</p>'


def _note(text: str) -> str:
    return f'<p class="note" role="status">{escape(text)}</p>'


def _left_out(problems: list[str]) -> str:
    if not problems:
        return ""
    items = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return f'<ul class="note">{items}</ul>'
