"""The left hand of the style tab: the photo and the paintings, for every way to paint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from demos import samples
from demos.inputs import picture_input, slider_input
from demos.samples import Sample

SOURCES = ["upload", "clipboard", "webcam"]
MORE = 3  # paintings beside the first
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Pictures:
    """The photo and one to four paintings with their weights."""

    def __init__(self) -> None:
        photos, paintings = samples.photos(), samples.paintings()
        self.photo = picture_input(
            label="Photo",
            value=photos[0].path,
            sources=SOURCES,
            height=190,
            alt_text="The photograph to restyle",
            elem_id="photo",
        )
        photo_thumbs = _thumbnails(photos, label="Sample photos", elem_id="photos")
        self.painting = picture_input(
            label="Painting",
            value=paintings[0].path,
            sources=SOURCES,
            height=190,
            alt_text="The painting whose style is taken",
            elem_id="painting",
        )
        painting_thumbs = _thumbnails(paintings, label="Sample paintings", elem_id="paintings")
        with gr.Accordion("Mix in more paintings", open=False, elem_id="more-paintings"):
            gr.Markdown("Weights count in proportion: 1 and 1 is half and half, 0 leaves a painting out.", elem_classes="note")
            self.weight = _weight("Weight of the first painting", 1.0, elem_id="weight")
            self.more, self.weights = [], []
            thumbs = _thumbnails(paintings, label="More paintings to mix in", elem_id="mix-in")
            for number in range(2, MORE + 2):
                with gr.Row():
                    picture = picture_input(
                        label=f"Painting {number}",
                        sources=SOURCES,
                        height=130,
                        min_width=130,
                        alt_text=f"Painting {number}, mixed in",
                        elem_id=f"painting-{number}",
                    )
                    weight = _weight(f"Weight {number}", 1.0, elem_id=f"weight-{number}")
                self.more.append(picture)
                self.weights.append(weight)

        def first_free(event: gr.SelectData, *taken: object) -> list[object]:
            """Put a painting into the first place that is free, or else into the last."""
            free = next((i for i, picture in enumerate(taken) if picture is None), MORE - 1)
            return [paintings[event.index].path if i == free else gr.skip() for i in range(MORE)]

        photo_thumbs.select(_chosen(photos), None, self.photo, **QUIET)
        painting_thumbs.select(_chosen(paintings), None, self.painting, **QUIET)
        thumbs.select(first_free, self.more, self.more, **QUIET)


def _weight(label: str, value: float, *, elem_id: str) -> gr.Slider:
    return slider_input(0, 1, value=value, step=0.05, label=label, min_width=150, buttons=[], elem_id=elem_id)


def _thumbnails(pictures: Sequence[Sample], *, label: str, elem_id: str) -> gr.Gallery:
    return gr.Gallery(
        [(picture.thumbnail, picture.title) for picture in pictures],
        label=label,
        show_label=False,
        columns=len(pictures) if len(pictures) < 7 else -(-len(pictures) // 2),
        height="auto",
        object_fit="cover",
        allow_preview=False,
        interactive=False,
        buttons=[],
        elem_classes="thumbs",
        elem_id=elem_id,
    )


def _chosen(pictures: Sequence[Sample]) -> Callable[[gr.SelectData], str]:
    def choose(event: gr.SelectData) -> str:
        return pictures[event.index].path

    return choose
