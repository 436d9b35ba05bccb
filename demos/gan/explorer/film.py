"""A part of the walk section: a film that goes round through samples of neighbouring seeds, and starts over."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.blocks import Block

from demos.gan import linked_controls, reproduce
from demos.gan.linked_controls import LinkedControl
from demos.gan.selection import Selected, Selection
from demos.parts import events, python_text
from demos.parts.files import place_for
from demos.parts.html import film, note
from demos.parts.inputs import explained, slider_input
from media import provenance, sheet, video_writing
from media.video import FilmFrame
from media.video_writing import FilmKind
from models.gan.seeds import MAX_SEED
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.exploring import FEWEST_STOPS, MOST_STOPS
from serving.engine.sampling import Waypoint

SIDE = 256
RATES: dict[FilmKind, int] = {"mp4": 24, "gif": 12}  # pictures a second
SECONDS = 1  # from a sample to the next
KINDS: tuple[tuple[str, FilmKind], ...] = (("MP4 film", "mp4"), ("GIF", "gif"))
FILMS: dict[str, Any] = {"concurrency_id": "films", "concurrency_limit": 1}  # seconds of work


def build(engine: Engine, selection: Selection) -> None:
    """Add the part to the section that is being laid out."""
    with gr.Row(equal_height=True):
        stops = slider_input(
            FEWEST_STOPS,
            MOST_STOPS,
            value=5,
            step=1,
            precision=0,
            label="Seeds to visit",
            info="A round walk through the held sample of this seed and of the seeds after it.",
            buttons=[],
            elem_id="film-stops",
            scale=3,
            min_width=220,
        )
        kind = gr.Radio([*KINDS], value="mp4", label="File", elem_id="film-kind", scale=2, min_width=180)
        make = gr.Button("Make the film", scale=1, min_width=140, elem_id="film-go")
    preview = gr.HTML(elem_id="film-preview", js_on_load=None)
    download = gr.DownloadButton("Download the film", visible=False, elem_id="film-download")
    again = gr.HTML(elem_id="film-again", js_on_load=None)
    file = gr.File(visible=False)
    selection.linked["walk"] = {
        "stops": LinkedControl(stops, linked_controls.whole(FEWEST_STOPS, MOST_STOPS)),
        "kind": LinkedControl(kind, linked_controls.one_of([name for _, name in KINDS])),
    }

    def walk(
        seed: int,
        snapshot: int,
        held: int,
        stops: int = 5,
        kind: FilmKind = "mp4",
        model: str = selection.first.name,
    ) -> str:
        """Make a film that walks round through samples of neighbouring seeds, and ends where it starts.

        Args:
            seed: of the first sample, a whole number from 0 to 4,294,967,295.
            snapshot: which generator: 0 is untrained, the last one fully trained.
            held: which sample of each seed, 1 to 16.
            stops: how many seeds, 2 to 16.
            kind: mp4 (H.264) or gif.
            model: the generator's name.
        """
        return str(made(selection.at(model, snapshot, seed, held), stops, kind))

    def made(selected: Selected, stops: int, kind: FilmKind) -> Path:
        model, step, seed, position = selected
        seeds = seeds_of(seed, stops)
        with explained(EngineError), place_for(f"{model}-walk-{seed}-{stops}.{kind}") as path:
            points = [engine.latent(model, seed=each, index=position) for each in seeds]
            waypoints = engine.round_walk(model, step=step, stops=points, frames=SECONDS * RATES[kind])
            recipe = {"model": model, "step": step, "sample": position + 1, "seeds": seeds}
            write(waypoints, path, kind, recipe)
            return path

    def show(values: dict[Block, Any]) -> dict[Block, Any]:
        selected = selection.read(values)
        path = made(selected, values[stops], values[kind])
        alt = f"A round walk through {values[stops]} seeds"
        moving = film(path, alt=alt) if values[kind] == "mp4" else _moving(path, alt)
        html = again_html(selected, values[selection.snapshot], values[stops], values[kind])
        return {preview: moving, download: gr.update(value=str(path), visible=True), again: html}

    make.click(lambda: note("The film is being made …"), None, preview, **events.AT_ONCE)
    make.click(show, selection.inputs | {stops, kind}, [preview, download, again], **events.QUIET, **FILMS)
    endpoint = [selection.seed, selection.snapshot, selection.held, stops, kind, selection.model]
    gr.on([], walk, endpoint, file, api_name="walk", **FILMS)


def write(waypoints: Iterator[Waypoint], path: Path, kind: FilmKind, recipe: dict[str, Any]) -> None:
    """Write the pictures of a walk as a film that says how it was made, and that a machine made it."""
    seconds = Fraction(1, RATES[kind])
    comment = json.dumps({**recipe, "digitalSourceType": provenance.GENERATED})
    with video_writing.Writer(
        path, size=(SIDE, SIDE), rate=1 / seconds, comment=comment, source=provenance.GENERATED, kind=kind
    ) as writer:
        for number, waypoint in enumerate(waypoints):
            enlarged = sheet.lay_out([waypoint.picture], scale=sheet.scale_to(waypoint.picture, SIDE)).convert("RGB")
            if enlarged.size != (SIDE, SIDE):
                enlarged = enlarged.resize((SIDE, SIDE))
            writer.write(FilmFrame(enlarged, number * seconds, seconds))


def seeds_of(first: int, stops: int) -> list[int]:
    """The seeds that a film visits."""
    return [(first + i) % (MAX_SEED + 1) for i in range(stops)]


def again_html(selected: Selected, snapshot: int, stops: int, kind: FilmKind) -> str:
    """The link and the scripts that make the film again, as HTML; the link sets it up, and a click makes it."""
    model, step, seed, position = selected
    call = {"seed": seed, "snapshot": snapshot, "held": selected.number, "stops": stops, "kind": kind, "model": model}
    return reproduce.html(
        reproduce.of_sample("walk", selected, stops=stops, kind=kind),
        python_text.script("walk", call, answer="film"),
        reproduce.film_script(model, step, position, seeds_of(seed, stops), kind),
    )


def _moving(path: Path, alt: str) -> str:
    return f'<img src="data:image/gif;base64,{base64.b64encode(path.read_bytes()).decode()}" alt="{alt}">'
