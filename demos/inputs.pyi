"""Inputs that answer a bad value with one sentence, where Gradio's own would raise a traceback."""

from __future__ import annotations

import base64
import binascii
import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image

from models import images, latent


def refuse(message: str) -> gr.Error:
    """The error a person reads: no traceback in the log, because nothing of ours went wrong."""
    return gr.Error(message, print_exception=False, duration=8)


@contextmanager
def explained(*kinds: type[Exception]) -> Iterator[None]:
    """Show these errors' messages in the page; they are written for people."""
    try:
        yield
    except kinds as error:
        raise refuse(str(error)) from error

from gradio.events import Dependency

class PictureInput(gr.Image):
    """`gr.Image` that hands over an upright RGB picture, whatever kind of file was uploaded."""

    is_template = True  # the browser shows it as gr.Image

    def preprocess(self, payload: ImageData | None) -> Image.Image | None:  # type: ignore[override]
        """Decode the upload; see `models.images.read` for what is refused."""
        if payload is None:
            return None
        with explained(images.PictureError):
            return images.read(_source(payload), max_side=MAX_SIDE)

    def api_info(self) -> dict[str, Any]:
        """Say what a client may send."""
        return {**super().api_info(), "description": "a picture file or URL: JPEG, PNG, WebP, GIF, TIFF or BMP"}
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class SliderInput(gr.Slider):
    """`gr.Slider` that also refuses text, nothing and infinities."""

    is_template = True

    def preprocess(self, payload: Any) -> float:
        """Return the number if it lies within the slider's ends."""
        name = self.label or "the value"
        if not _is_number(payload) or not self.minimum <= payload <= self.maximum:
            raise refuse(f"{name} must be a number from {self.minimum:g} to {self.maximum:g}.")
        return payload
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


class SeedInput(gr.Number):
    """A whole number that a generator accepts as a seed."""

    is_template = True

    def preprocess(self, payload: Any) -> int:  # type: ignore[override]
        """Return the seed as an int."""
        if not _is_number(payload) or payload != int(payload) or not 0 <= payload <= latent.MAX_SEED:
            raise refuse(f"A seed is a whole number from 0 to {latent.MAX_SEED:,}.")
        return int(payload)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block
    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _source(payload: ImageData) -> str | io.BytesIO:
    if payload.url and payload.url.startswith("data:"):
        try:
            return io.BytesIO(base64.b64decode(payload.url.partition(",")[2], validate=True))
        except binascii.Error:
            raise refuse("The picture's data URL is not valid base64. Send it again.") from None
    if payload.path is None:
        raise refuse("The upload holds no picture. Choose a file and try again.")
    return payload.path