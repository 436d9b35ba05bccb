"""The wall: one photo in every sample painting, from stored pictures, or painted one after another for an own photo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from assets import samples, wall
from assets.samples import Sample
from demos.parts import events, html, uploads
from demos.parts.inputs import explained
from demos.style.picture_controls import LARGEST, PictureControls
from media import images
from media.images import PictureError
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.settings import RestyleSettings

SIDE = 384  # pixels of a cell of an own photo, which is painted again in full size after a tap
WAITING_SIDE = 96  # pixels of the small copy of a photo that stands where its painting is still to come
COUNT_IF_SAME = "(runs, painting) => runs + (painting?.path?.endsWith('/{name}') ? 1 : 0)"  # another one counts itself
NETWORK_EVENTS: events.Options = {"concurrency_id": "wall", "concurrency_limit": 1}  # a tap does not wait for the wall


class Wall:
    """The strip of sample photos, the visitor's own photo, and a cell for each painting."""

    def __init__(self) -> None:
        photo, paintings = samples.photos()[0], samples.paintings()
        with gr.Row(elem_id="wall-bar"):
            gr.Markdown(
                f"One photo in {_counted(len(paintings))} paintings. Tap one to make it large.", elem_classes="hint"
            )
            self.strip = gr.HTML(
                _strip(samples.photos(), chosen=photo.name), js_on_load=html.numbered("photo"), elem_id="wall-photos"
            )
            self.own = gr.UploadButton(
                "Your photo", file_types=["image"], variant="primary", min_width=120, elem_id="own-photo"
            )
            self.dice = gr.Button("Surprise me", min_width=120, elem_id="surprise")
        with gr.Row(elem_id="wall"):
            first, *rest = _stored(photo)
            self.photo = gr.HTML(first, elem_classes="cell", js_on_load=None, elem_id="wall-photo")
            self.cells = [gr.HTML(cell, elem_classes="cell") for cell in rest]

    def wire(self, engine: Engine, pictures: PictureControls, runs: gr.Number) -> None:
        """Let a tap choose the photo or the painting, and let the wall follow the photo.

        Args:
            engine: paints an own photo.
            pictures: what a tap chooses.
            runs: a tap on the painting that is chosen already counts it up: both are then restyled.
        """
        photos, paintings = samples.photos(), samples.paintings()

        def choose_photo(event: gr.SelectData) -> tuple[str, str]:
            return photos[event.index].path, photos[event.index].name

        def take(path: str) -> tuple[str, str]:
            with explained(PictureError):
                return uploads.showable(path, max_side=LARGEST), ""

        def fill(photo: Image.Image | None) -> Iterator[tuple[Any, ...]]:
            """Show stored pictures at once; paint what is not stored cell by cell."""
            if photo is None:
                yield (gr.skip(),) * (2 + len(paintings))
                return
            sample = _sample(photo)
            strip = _strip(photos, chosen=sample.name if sample else "")
            if sample:
                yield strip, *_stored(sample)
                return
            small = images.fit(photo, SIDE)
            waiting = _url(images.fit(photo, WAITING_SIDE))
            cells = [_cell(waiting, f"Your photo, soon in the style of {_by(p)}", p, waiting=True) for p in paintings]
            yield strip, _photo_cell(_url(small), "Your photo"), *cells
            for number, painting in enumerate(paintings):
                with explained(EngineError):
                    style = images.read(painting.path)
                    restyled = engine.restyled(photo, [style], RestyleSettings(side=SIDE)).after
                cell = _cell(_url(restyled), f"Your photo in the style of {_by(painting)}", painting)
                others = [gr.skip()] * len(paintings)
                yield gr.skip(), gr.skip(), *others[:number], cell, *others[number + 1 :]

        self.strip.select(choose_photo, None, [pictures.photo, pictures.photo_name], **events.AT_ONCE)
        self.own.upload(take, self.own, [pictures.photo, pictures.photo_name], **events.QUIET)
        for cell, painting in zip(self.cells, paintings, strict=True):
            chosen = (painting.path, painting.name)
            again = COUNT_IF_SAME.format(name=Path(painting.path).name)
            cell.click(None, [runs, pictures.painting], runs, js=again, **events.QUIET)
            cell.click(lambda c=chosen: c, None, [pictures.painting, pictures.painting_name], **events.AT_ONCE)
        pictures.files["content"].change(
            fill,
            pictures.photo,
            [self.strip, self.photo, *self.cells],
            **NETWORK_EVENTS,
            **events.LATEST,
            **events.QUIET,
        )


def _counted(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


def _sample(photo: Image.Image) -> Sample | None:
    """The sample that a photo is, if it is one."""
    for sample in samples.every_photo():
        with Image.open(sample.path) as known:
            same_size = known.size == photo.size
        if same_size and images.read(sample.path, max_side=LARGEST).tobytes() == photo.tobytes():
            return sample
    return None


def _stored(photo: Sample) -> list[str]:
    """The photo's cell and one for each painting, from the store."""
    cells = [_photo_cell(html.file_url(wall.photos()[photo.name].path), photo.alt)]
    for painting in samples.paintings():
        stored = wall.pictures()[photo.name][painting.name]
        cells.append(_cell(html.file_url(stored.path), f"{photo.title} in the style of {_by(painting)}", painting))
    return cells


def _photo_cell(url: str, alt: str) -> str:
    return f'<figure><img src="{url}" alt="{escape(alt)}"><figcaption>The photo</figcaption></figure>'


def _cell(url: str, alt: str, painting: Sample, *, waiting: bool = False) -> str:
    kind = ' class="waiting"' if waiting else ""
    _, _, surname = painting.author.partition(" ")
    return (
        f'<button type="button"{kind} data-painting="{painting.name}"><img src="{url}" alt="{escape(alt)}">'
        f'<span aria-hidden="true"><i>{escape(surname)}</i> {escape(painting.title)}</span></button>'
    )


def _strip(photos: Sequence[Sample], *, chosen: str) -> str:
    buttons = (
        f'<button type="button" data-photo="{number}" aria-pressed="{str(photo.name == chosen).lower()}" '
        f'aria-label="{escape(photo.title)}">'
        f'<img src="{html.file_url(photo.thumbnail)}" alt="{escape(photo.title)}"></button>'
        for number, photo in enumerate(photos)
    )
    return f'<div role="group" aria-label="Sample photos">{"".join(buttons)}</div>'


def _by(painting: Sample) -> str:
    return f"{painting.title} by {painting.author}"


def _url(picture: Image.Image) -> str:
    return html.data_url(picture, kind="WEBP", quality=70)
