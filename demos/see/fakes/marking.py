"""Mark and break: the visitor's own picture gets the three layers, and each attack shows which of them it removes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr
from PIL import Image

from assets import samples, wall
from demos.parts import events, html
from demos.parts.inputs import explained, picture_input, refuse
from demos.see.fakes import pictures
from media import attacks, claims, credentials, images, provenance, watermark
from media.attacks import PictureFile
from media.claims import Claims
from media.images import PictureError
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.settings import RestyleSettings

SIDE = 768  # pixels of the longer side of what is marked and attacked
FIRST_SIDE = 400  # pixels of the sample photo's, which is marked while the app starts
SHOWN = 260  # pixels of a picture in the table
FIRST_PHOTO, PAINTING = "dogs", "grande-jatte"
KEEPS, LOSES, LIES = "kept", "lost", "lies"  # classes of the page's styles, each beside a word
EVENTS: events.Options = {"concurrency_id": "mark-and-break", "concurrency_limit": 2}
HELP = (
    "Every picture that this app makes says three times that a machine made it: in a **note** that anybody can read "
    "and change, in a **signed note** (Content Credentials, C2PA) that nobody can change unnoticed, and in an "
    "**invisible mark** spread over the pixels. Here your picture gets all three, and then what happens to pictures on "
    "the web happens to it."
)
CLOSE = (
    "Nothing survives everything: a cut or a turn removes all three, and a repainting often does. So a mark that is "
    "there says something; one that is missing says nothing."
)


@dataclass(frozen=True)
class Ordeal:
    """One row of the table: what happens to the marked picture."""

    id: str
    title: str
    sentence: str
    attack: attacks.Attack


ORDEALS = (
    Ordeal("download", "Downloaded here", "The file as this app hands it out.", attacks.untouched),
    Ordeal("jpeg", "Saved as JPEG", "Quality 75, as websites save uploads.", attacks.jpeg),
    Ordeal("resize", "Half the size", "And saved as JPEG again.", attacks.half_and_jpeg),
    Ordeal("screenshot", "Screenshot", "New pixels, no metadata.", attacks.screenshot),
    Ordeal("retouch", "Retouched", "The top left corner is painted over; all notes are kept.", attacks.retouched),
    Ordeal("relabel", "Relabelled", "The note now says that a camera took it.", attacks.relabelled),
    Ordeal("crop", "Cropped", "Only the middle is left.", attacks.cropped),
    Ordeal("tilt", "Turned by 3°", "Straightened, as editors call it.", attacks.tilted),
)
RESTYLED = ("restyle", "Restyled again", "Another network repaints it.")


@dataclass(frozen=True)
class Survival:
    """What is left of the layers after an ordeal."""

    id: str
    title: str
    sentence: str
    file: PictureFile
    claims: Claims


def build(engine: Engine) -> None:
    """Add the section: a table of the layers and the attacks, at first of a sample photo."""
    gr.HTML('<h2 class="section">Mark and break</h2>', padding=False)
    gr.Markdown(HELP, elem_classes="note")
    own = gr.UploadButton("Your picture", file_types=["image"], variant="primary", elem_id="break-own")
    table = gr.HTML(first_sight(), padding=False, elem_id="break-table", js_on_load=None)
    picture = picture_input(visible=False, max_side=SIDE, label="Picture")
    answer = gr.JSON(visible=False)

    def restyled(photo: Image.Image) -> Image.Image:
        painting = next(painting for painting in samples.paintings() if painting.name == PAINTING)
        with explained(EngineError):
            return engine.restyled(photo, [images.read(painting.path)], RestyleSettings(side=384)).after

    def broken(path: str) -> str:
        with explained(PictureError):
            photo = images.read(path, max_side=SIDE)
        return table_html(photo, list(survivals(photo, restyled)))

    def mark_and_break(picture: Image.Image) -> list[dict[str, Any]]:
        """Mark a picture in three layers and attack it: which layer survives JPEG, another size, a crop, a restyling?

        Args:
            picture: any picture; it is scaled to 768 pixels.

        Returns:
            For each attack its id and title, and whether the note, the signature and the watermark survived; the
            watermark's score in standard deviations above chance, which counts from 5 on.
        """
        if picture is None:
            raise refuse("Send a picture.")
        return [as_dict(survival) for survival in survivals(picture, restyled)]

    own.upload(broken, own, table, show_progress_on=table, **events.PRIVATE, **EVENTS)
    gr.on([], mark_and_break, picture, answer, api_name="mark_and_break", **EVENTS)


def survivals(photo: Image.Image, restyled: Callable[[Image.Image], Image.Image]) -> Iterator[Survival]:
    """Mark a photo and attack it in each way; `restyled` paints it anew."""
    marked = PictureFile(
        credentials.signed(
            provenance.noted(watermark.embedded(photo), {"demonstration": "mark and break"}),
            source=provenance.COMPOSITE,
            note="A demonstration: a visitor's own picture, marked as if the app had restyled it.",
        )
    )
    for ordeal in ORDEALS:
        file = ordeal.attack(marked)
        yield Survival(ordeal.id, ordeal.title, ordeal.sentence, file, claims.of_ours(file))
    painted = attacks.resaved(restyled(marked.opened()))
    yield Survival(*RESTYLED, painted, claims.of_ours(painted))


@functools.cache
def first_sight() -> str:
    """The table of a sample photo, which needs no network: the restyled picture is stored."""
    photo = images.read(wall.photos()[FIRST_PHOTO].path, max_side=FIRST_SIDE)
    stored = images.read(wall.pictures()[FIRST_PHOTO][PAINTING].path, max_side=FIRST_SIDE)
    return table_html(photo, list(survivals(photo, lambda _: stored)), place=pictures.address)


def as_dict(survival: Survival) -> dict[str, Any]:
    """What survived, for the API."""
    read = survival.claims
    return {
        "id": survival.id,
        "title": survival.title,
        "note": read.by_machine,
        "signature": read.credentials.state == "valid",
        "signature_state": read.credentials.state,
        "watermark": read.mark.present,
        "watermark_score": round(read.mark.score, 1),
    }


def table_html(photo: Image.Image, rows: list[Survival], *, place: Callable[[Image.Image], str] | None = None) -> str:
    """The table, as HTML: a row for each attack, with the picture that comes out.

    Args:
        photo: before the marks.
        rows: what came of each attack.
        place: gives a picture an address; by default it is part of the HTML.
    """
    head = "".join(
        f'<th scope="col" role="columnheader">{title}</th>'
        for title in ("What happens", "Note", "Signed note", "Invisible mark")
    )
    body = "".join(_row(survival, place or _url) for survival in rows)
    return (
        f'<div class="fakes"><table class="ordeals" role="table"><caption>{_caption(photo, rows)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
        f'<p class="note">{CLOSE}</p></div>'
    )


def _caption(photo: Image.Image, rows: list[Survival]) -> str:
    if rows[0].claims.mark.present:
        limit = f"{watermark.THRESHOLD:.0f} σ"
        return f"Measured on this picture. σ says how far the invisible mark stands out from chance; {limit} is enough."
    if min(photo.size) < watermark.MIN_SIDE:
        why = f"its shorter side has less than {watermark.MIN_SIDE} pixels"
    else:
        why = "it is too smooth to hide a mark in"
    return f"This picture carries no invisible mark: {why}. The two notes are there."


def _row(survival: Survival, place: Callable[[Image.Image], str]) -> str:
    small = images.fit(survival.file.opened(), SHOWN)
    picture = (
        f'<img src="{place(small)}" alt="{escape(survival.title)}" width="{small.width}" height="{small.height}" '
        'loading="lazy">'
    )
    cells = "".join(
        f'<td role="cell" data-layer="{layer}" class="{kind}"><span><i aria-hidden="true">{name}</i>{word}</span></td>'
        for layer, name, (kind, word) in (
            ("note", "Note", _note(survival.claims)),
            ("signature", "Signed note", _signature(survival.claims)),
            ("watermark", "Invisible mark", _mark(survival.claims)),
        )
    )
    return (
        f'<tr role="row" data-ordeal="{survival.id}"><th scope="row" role="rowheader">{picture}<span>'
        f"<b>{escape(survival.title)}</b><small>{escape(survival.sentence)}</small></span></th>{cells}</tr>"
    )


def _url(picture: Image.Image) -> str:
    return html.data_url(picture, kind="WEBP", quality=72)


def _note(read: Claims) -> tuple[str, str]:
    if read.by_machine:
        return KEEPS, "says: machine"
    return (LIES, "says: camera, a lie") if read.by_camera else (LOSES, "lost")


def _signature(read: Claims) -> tuple[str, str]:
    state = read.credentials.state
    if state == "valid":
        return KEEPS, "valid"
    return (LIES, "does not match") if state == "mismatch" else (LOSES, "lost")


def _mark(read: Claims) -> tuple[str, str]:
    return (KEEPS, f"found, {read.mark.score:.0f} σ") if read.mark.present else (LOSES, "lost")
