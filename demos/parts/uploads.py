"""Uploads that a browser can't show, such as HEIC and TIFF: the page shows a copy in their place."""

from __future__ import annotations

from typing import Any

import gradio as gr
from PIL import Image

from demos.parts import events, files
from media import images

SHOWN = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "AVIF")  # as Pillow names what every browser shows
UNSEEN = "(picture) => justLook.unseen(picture)"  # the picture, if this browser can't show it; see page/uploads.js

# The address of a new picture; the one before while a copy is still to come, so that nothing is done twice.
KEPT_ADDRESS = "async (picture, file) => (await justLook.unseen(picture)) ? file : picture?.path ?? file"
ADDRESS = "async (picture, file) => (await justLook.unseen(picture)) ? file : picture?.path ?? ''"


def show_copy(picture: gr.Image) -> None:
    """Put a copy that the browser can show in the place of an upload that it can't."""
    picture.upload(_copy, picture, picture, js=UNSEEN, **events.QUIET)


def showable(path: str, *, max_side: int) -> str:
    """The path of a picture that every browser shows: the file itself, or that of a copy.

    Args:
        path: of the upload.
        max_side: of the copy, in pixels.

    Raises:
        media.images.PictureError: the file can't be used as a picture.
    """
    decoded = images.read(path, max_side=max_side)
    with Image.open(path) as opened:
        return path if opened.format in SHOWN else files.preview(decoded)


def _copy(picture: Image.Image | None) -> Any:
    return gr.skip() if picture is None else files.preview(picture)
