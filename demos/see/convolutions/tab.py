"""The section "Convolve": one photo for the window and the filters, then the digit that moves."""

from __future__ import annotations

from html import escape

import gradio as gr

from assets import samples
from assets.samples import Sample
from demos.parts import events, html, uploads
from demos.parts.inputs import picture_input
from demos.see import parameters
from demos.see.convolutions import deeper, digit, filters, window
from serving.engine import Engine

LARGEST = 1536  # pixels a side that a photo keeps
SOURCES = ["upload", "clipboard", "webcam"]
HELP = (
    "A convolution lays one small filter on every place of a picture. A few numbers do for the whole picture, and what "
    "they find in one place they find in every other."
)
PHOTO = "The first two sections are computed in your browser. Only the deeper layers need the server."


def build(engine: Engine) -> None:
    """Add the sections to the inner tab that is being laid out, and wire them to the engine."""
    photos = samples.photos()
    gr.Markdown(HELP, elem_classes="hint")
    parameters.build()
    with gr.Row(elem_id="seen-bar"):
        photo = picture_input(
            max_side=LARGEST,
            label="Photo",
            value=photos[0].path,
            sources=SOURCES,
            height=190,
            min_width=240,
            alt_text="The photo that is looked at",
            elem_id="seen-photo",
        )
        with gr.Column(min_width=240):
            strip = gr.HTML(_strip(photos), js_on_load=html.numbered("photo"), padding=False, elem_id="seen-photos")
            gr.Markdown(PHOTO, elem_classes="note")
    uploads.show_copy(photo)

    def choose(event: gr.SelectData) -> str:
        return photos[event.index].path

    strip.select(choose, None, photo, **events.AT_ONCE)
    window.build()
    filters.build(engine)
    deeper.build(engine, photo)
    digit.build(engine)


def _strip(photos: tuple[Sample, ...]) -> str:
    buttons = (
        f'<button type="button" data-photo="{number}">'
        f'<img src="{html.file_url(photo.thumbnail)}" alt="{escape(photo.title)}"></button>'
        for number, photo in enumerate(photos)
    )
    return f'<div role="group" aria-label="Sample photos">{"".join(buttons)}</div>'
