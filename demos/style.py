"""The tab that restyles a photograph with any painting, in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from PIL import Image

from demos import samples
from demos.files import saved
from demos.inputs import picture_input, refuse, slider_input
from demos.samples import Sample
from models import images
from serving.engine import Engine

SIDES = (256, 384, 512, 768)
DEFAULT_SIDE = 384


def build(engine: Engine) -> gr.Blocks:
    """Lay out the tab and wire it to the engine."""
    photos, paintings = samples.photos(), samples.paintings()
    sources = ["upload", "clipboard", "webcam"]

    with gr.Blocks() as tab:
        gr.Markdown(
            "Pick a photo and a painting: the photo is painted again in the painting’s manner.", elem_classes="hint"
        )
        with gr.Row(equal_height=False, elem_classes="result-first"):
            with gr.Column(scale=4, min_width=300):
                content = picture_input(
                    label="Photo",
                    value=photos[0].path,
                    sources=sources,
                    height=190,
                    alt_text="The photograph to restyle",
                    elem_id="photo",
                )
                photo_thumbs = _thumbnails(photos, label="Sample photos", elem_id="photos")
                style = picture_input(
                    label="Painting",
                    value=paintings[0].path,
                    sources=sources,
                    height=190,
                    alt_text="The painting whose style is taken",
                    elem_id="painting",
                )
                painting_thumbs = _thumbnails(paintings, label="Sample paintings", elem_id="paintings")
            with gr.Column(scale=7, min_width=320):
                result = gr.ImageSlider(
                    label="Before and after",
                    type="filepath",
                    format="png",
                    interactive=False,
                    show_label=False,
                    max_height=620,
                    elem_id="restyled",
                )
                gr.Markdown(
                    "Left of the line the photo, right of it the restyled picture. Drag the line to compare.",
                    elem_classes="note",
                )
                with gr.Row():
                    strength = slider_input(
                        0,
                        1,
                        value=1,
                        step=0.05,
                        label="Style strength",
                        info="0 keeps the photo’s colours and texture, 1 takes the painting’s.",
                        min_width=280,
                        elem_id="strength",
                        buttons=[],
                    )
                    side = gr.Dropdown(
                        [(f"{n} px", n) for n in SIDES],
                        value=DEFAULT_SIDE,
                        label="Size",
                        info="Longer side; larger takes longer.",
                        elem_id="side",
                    )
                download = gr.DownloadButton("Download PNG", elem_id="download")
        with gr.Accordion("Who made these pictures", open=False):
            gr.Markdown(_credits([*photos, *paintings]), elem_classes="note")

        def restyle(
            content: Image.Image | None, style: Image.Image | None, strength: float, side: int
        ) -> tuple[str, str]:
            """Restyle a photograph with a painting by adaptive instance normalisation (AdaIN).

            Args:
                content: the photograph.
                style: the painting.
                strength: 0 keeps the photograph's look, 1 takes the painting's.
                side: longer side of the result in pixels: 256, 384, 512 or 768. A smaller photograph keeps its size.

            Returns:
                The photograph at the result's size, and the restyled picture, both as PNG.
            """
            if content is None or style is None:
                raise refuse("Choose a photo and a painting first.")
            before = images.fit(content, side)
            after = engine.restyle(before, style, strength=strength, side=side)
            return saved(before, name="photo"), saved(after, name="restyled")

        def restyle_if_both(
            content: Image.Image | None, style: Image.Image | None, strength: float, side: int
        ) -> tuple[str, str] | dict[str, object]:
            """Restyle, or wait without a word: who removes a picture is about to choose another."""
            return restyle(content, style, strength, side) if content and style else gr.skip()

        inputs = [content, style, strength, side]
        heavy: dict[str, Any] = {"concurrency_id": "gpu", "concurrency_limit": 1, "trigger_mode": "always_last"}
        private: dict[str, Any] = {"api_visibility": "private"}
        moved = gr.on([strength.change, side.change], restyle, inputs, result, api_name="restyle", **heavy)
        chosen = gr.on([tab.load, content.change, style.change], restyle_if_both, inputs, result, **heavy, **private)
        for restyled in (moved, chosen):
            restyled.success(_file_to_download, result, download, show_progress="hidden", **private)
        photo_thumbs.select(_chosen(photos), None, content, show_progress="hidden", **private)
        painting_thumbs.select(_chosen(paintings), None, style, show_progress="hidden", **private)
    return tab


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


def _file_to_download(pair: tuple[str, str] | None) -> str | None:
    return pair[1] if pair else None


def _credits(pictures: Sequence[Sample]) -> str:
    return "\n".join(f"- {picture.credit}" for picture in pictures)


def _chosen(pictures: Sequence[Sample]) -> Callable[[gr.SelectData], str]:
    def choose(event: gr.SelectData) -> str:
        return pictures[event.index].path

    return choose


if __name__ == "__main__":
    from demos import theme
    from serving.local import LocalEngine

    build(LocalEngine()).launch(**theme.launch_settings())
