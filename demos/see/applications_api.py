"""Looking at pictures as an API: the endpoints that `gradio_client` and MCP clients call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gradio as gr
from PIL import Image

from demos.parts import events, html
from demos.parts.inputs import picture_input, refuse, slider_input
from serving.engine import Engine
from serving.engine.vision import LEAST

MOST = 20  # guesses of `classify`


def offer(engine: Engine) -> None:
    """Put the endpoints into the page that is being built."""
    with gr.Group(visible=False):
        trigger, answer = gr.Button(), gr.JSON(label="Answer")
        picture = picture_input(label="Picture")
        top = slider_input(1, MOST, value=5, step=1, precision=0, label="Guesses")
        threshold = slider_input(LEAST, 1, value=0.3, label="Threshold")

    def classify(picture: Image.Image | None, top: int = 5) -> list[dict[str, Any]]:
        """Name what the middle of a picture shows: ImageNet's 1,000 kinds, by EfficientNet-Lite0.

        Args:
            picture: any photograph.
            top: how many guesses, 1 to 20.

        Returns:
            The guesses, the likeliest first: label, probability from 0 to 1, and kind, the number of the class.
        """
        return [asdict(guess) for guess in engine.classify(_sent(picture), top=top)]

    def detect(picture: Image.Image | None, threshold: float = 0.3) -> list[dict[str, Any]]:
        """Find things of COCO's 80 kinds in a picture, by EfficientDet-Lite0.

        Args:
            picture: any photograph.
            threshold: probability of the boxes that are returned, at least, from 0.05 to 1.

        Returns:
            The boxes, the likeliest first: label, probability, and left, top, right, bottom as fractions of the sides.
        """
        return [asdict(box) for box in engine.detect(_sent(picture)) if box.probability >= threshold]

    def segment(picture: Image.Image | None) -> dict[str, Any]:
        """Give each pixel of a picture one of PASCAL VOC's 20 classes, or the background, by DeepLab v3.

        Args:
            picture: any photograph.

        Returns:
            classes, the largest first, each with label, share of the picture and colour; and overlay, a PNG data URL
            of 257 × 257 pixels to be stretched over the picture, clear where it shows background.
        """
        segments = engine.segment(_sent(picture))
        return {"classes": [asdict(each) for each in segments.classes], "overlay": html.data_url(segments.overlay)}

    def publish(action: Callable[..., Any], *inputs: Any) -> None:
        trigger.click(action, list(inputs), answer, api_name=action.__name__, **events.SAMPLER)

    publish(classify, picture, top)
    publish(detect, picture, threshold)
    publish(segment, picture)


def _sent(picture: Image.Image | None) -> Image.Image:
    if picture is None:
        raise refuse("Send a picture to look at.")
    return picture
