"""Gradio inputs that check their value, and errors as one sentence on the page where Gradio shows a traceback.

A component keeps its check when an event updates it; see `_with`.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, TypeVar

import gradio as gr
from gradio.components import Component
from gradio.data_classes import ImageData
from PIL import Image

from media import images
from models.gan.seeds import MAX_SEED

MAX_SIDE = 1536  # pixels kept of an upload

C = TypeVar("C", bound=Component)


def plain(message: object) -> str:
    """A message for `gr.Error` and `gr.Warning`, which show HTML: it may repeat what somebody put into a link."""
    return escape(str(message), quote=False)


def refuse(message: str) -> gr.Error:
    """An error for the visitor to read, without a traceback in the log: the value was wrong, not the program."""
    return gr.Error(plain(message), print_exception=False, duration=8)


@contextmanager
def explained(*kinds: type[Exception]) -> Iterator[None]:
    """Show the message of these errors on the page. The one translation from errors to messages for visitors."""
    try:
        yield
    except kinds as error:
        raise refuse(str(error)) from error


def picture_input(*, max_side: int = MAX_SIDE, **settings: Any) -> gr.Image:
    """A `gr.Image` that hands over an upright RGB `PIL.Image`, whatever kind of file was uploaded.

    Args:
        max_side: a larger picture is scaled down on arrival, to this many pixels along its longer side.
        settings: of the `gr.Image`.
    """
    return _decoding(images.read, max_side, settings)


def mask_input(*, max_side: int = MAX_SIDE, **settings: Any) -> gr.Image:
    """A `gr.Image` that hands over a mask: RGBA where parts are transparent, else of mode L.

    Args:
        max_side: as in `picture_input`.
        settings: of the `gr.Image`.
    """
    return _decoding(images.read_mask, max_side, settings)


def slider_input(
    minimum: float, maximum: float, *, furthest: float | None = None, called: str = "", **settings: Any
) -> gr.Slider:
    """A `gr.Slider` that hands over a number between its ends, an int if its `precision` is 0.

    Args:
        minimum: its lower end.
        maximum: its upper end, at first.
        furthest: the highest upper end that an event may set; the event's handler checks values above the current one.
        called: what messages call it, where its label tells its value.
        settings: of `gr.Slider`.
    """
    slider = gr.Slider(minimum, maximum, **settings)
    maximum = maximum if furthest is None else furthest

    def preprocess(payload: Any) -> float:
        if not _is_number(payload) or not minimum <= payload <= maximum:
            raise refuse(f"{called or slider.label} must be a number from {minimum:g} to {maximum:g}.")
        if slider.precision == 0 and payload != int(payload):
            raise refuse(f"{called or slider.label} must be a whole number.")
        return int(payload) if slider.precision == 0 else float(payload)

    return _with(slider, preprocess)


def share_button(elem_id: str) -> gr.Button:
    """A button that page/share.js answers; it names there what is shared, and is off until that is on the page."""
    return gr.Button("Share", min_width=90, elem_id=elem_id, elem_classes="share")


def seed_input(**settings: Any) -> gr.Number:
    """A `gr.Number` that hands over a seed as an int."""

    def preprocess(payload: Any) -> int:
        if not _is_number(payload) or payload != int(payload) or not 0 <= payload <= MAX_SEED:
            raise refuse(f"A seed is a whole number from 0 to {MAX_SEED:,}.")
        return int(payload)

    return _with(gr.Number(minimum=0, **settings), preprocess)


def switch_input(**settings: Any) -> gr.Checkbox:
    """A `gr.Checkbox` that hands over True or False and nothing else."""
    switch = gr.Checkbox(**settings)

    def preprocess(payload: Any) -> bool:
        if not isinstance(payload, bool):
            raise refuse(f"{switch.label} is either true or false.")
        return payload

    return _with(switch, preprocess)


def changes(controls: Iterable[Any]) -> list[Any]:
    """The triggers that fire when one of the controls changes, for `gr.on`."""
    return [control.change for control in controls]


def _decoding(decode: Callable[..., Image.Image], max_side: int, settings: dict[str, Any]) -> gr.Image:
    def preprocess(payload: ImageData | None) -> Image.Image | None:
        if payload is None:
            return None
        with explained(images.PictureError):
            return decode(_source(payload), max_side=max_side)

    return _with(gr.Image(type="pil", **settings), preprocess)


def _with(component: C, preprocess: Callable[[Any], Any]) -> C:
    """Give a component a check of its value that survives updates.

    Gradio makes a new instance of the component's class for each update in a session, so the check must belong to the
    class. `type.__new__` avoids Gradio's metaclass, which would write a stub file for the new class.
    """

    def checked(_: Component, payload: Any) -> Any:
        return preprocess(payload)

    kind = type(component)
    parts = {"preprocess": checked, "__module__": kind.__module__, "__doc__": kind.__doc__}
    component.__class__ = type.__new__(type(kind), kind.__name__, (kind,), parts)
    return component


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def _source(payload: ImageData) -> str | io.BytesIO:
    if payload.url and payload.url.startswith("data:"):
        try:
            return io.BytesIO(base64.b64decode(payload.url.partition(",")[2], validate=True))
        except ValueError:
            raise refuse("The picture's data URL is not valid base64. Send it again.") from None
    if payload.path is None:
        raise refuse("The upload holds no picture. Choose a file and try again.")
    return payload.path
