"""The section "Tasks": classification, detection and segmentation of a picture, and how long each takes."""

from __future__ import annotations

from typing import Any

import gradio as gr
from PIL import Image

from assets import sight
from demos import previews
from demos.parts import events, explanation, uploads
from demos.parts.inputs import explained, picture_input
from demos.parts.strip import picture_strip
from demos.see import applications_api, applications_html
from media import images
from serving.engine import Engine
from serving.engine.errors import EngineError
from serving.engine.sight import Sight, look

HELP = (
    "Three questions that networks answer about a picture: what is it, what is where, and which pixels? "
    "Choose a photo, or take one."
)
ABOUT = (
    "Classification names the whole picture, detection draws a box around each thing, and segmentation gives each "
    "pixel a class. The networks are small ones that run on a phone: EfficientNet-Lite0 (Tan & Le, 2019), "
    "EfficientDet-Lite0 (Tan, Pang & Le, 2020), DeepLab v3 (Chen et al., 2017) and U²-Netp (Qin et al., 2020). Each "
    "knows only the classes of its training pictures, and answers whether it is right or not. Your picture is looked "
    "at and not kept."
)
SOURCES = ["upload", "webcam", "clipboard"]
AGAIN = "() => justLook.applications()"  # the threshold that was chosen holds for the new answers too


def build(engine: Engine) -> None:
    """Lay out the section, and wire it to the engine."""
    photos = sight.photos()
    gr.Markdown(HELP)
    explanation.build("Three tasks", ABOUT)
    with gr.Row(equal_height=False):
        with gr.Column(scale=2, min_width=300):
            photo = picture_input(
                label="Picture",
                value=sight.photo().path,
                sources=SOURCES,
                height=250,
                alt_text="The picture that the networks look at",
                elem_id="see-photo",
            )
        with gr.Column(scale=3, min_width=300):
            thumbs = picture_strip(
                "Sample photos",
                columns=3,
                elem_id="see-photos",
                pictures=[(sample.thumbnail, sample.title) for sample in photos],
            )
    answers = gr.HTML(first_sight(), elem_id="see-answers", padding=False, js_on_load=None)

    def answer(picture: Image.Image | None) -> str:
        if picture is None:
            return applications_html.NOTHING
        with explained(EngineError):
            return applications_html.answers(picture, look(engine, picture))

    def chosen(event: gr.SelectData) -> Any:
        return photos[event.index].path

    uploads.show_copy(photo)
    picked = thumbs.select(chosen, None, photo, **events.QUIET)
    for begun in (
        photo.input(answer, photo, answers, **events.SAMPLER, **events.LATEST, **events.PRIVATE),
        picked.success(answer, photo, answers, **events.SAMPLER, **events.PRIVATE),
    ):
        begun.success(None, None, None, js=AGAIN, **events.QUIET)
    photo.clear(lambda: applications_html.NOTHING, None, answers, **events.AT_ONCE)
    applications_api.offer(engine)


def first_sight() -> str:
    """What was stored of the first photo: the start of the app loads no network for it."""
    picture = images.read(sight.photo().path, max_side=sight.SIDE)
    stored = Sight.from_json(sight.stored()["tasks"])
    return applications_html.answers(picture, stored, address=previews.address(sight.photo()))
