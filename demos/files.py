"""Pictures handed to the browser as files.

Given a `PIL.Image`, Gradio writes it anew each time, to a path made of its content: two visitors at one seed write one
file, and who fetches it meanwhile gets a part of it. Here a file is written once and appears whole.
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from gradio.processing_utils import hash_bytes
from gradio.utils import get_upload_folder
from PIL import Image
from PIL.PngImagePlugin import PngInfo


def saved(picture: Image.Image, *, name: str, notes: PngInfo | None = None) -> str:
    """Write a picture as PNG into Gradio's cache, where Gradio itself would have put it.

    Args:
        picture: what to write.
        name: the file's name without `.png`; a download keeps it.
        notes: text to store in the file, as `provenance.notes` makes it.

    Returns:
        The file's path. One content and name have one path.
    """
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_level=4, pnginfo=notes)
    content = encoded.getvalue()
    path = Path(get_upload_folder()) / hash_bytes(content) / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(content)
        Path(part.name).chmod(0o644)
        os.replace(part.name, path)  # noqa: PTH105 - in one step
    return str(path)
