"""Pictures handed to the browser as files.

Given a `PIL.Image`, Gradio writes it anew each time, to a path made of its content: two visitors at one seed write one
file, and who fetches it meanwhile gets a part of it. Here a file is written once and appears whole.
"""

from __future__ import annotations

import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradio.processing_utils import hash_bytes
from gradio.utils import get_upload_folder
from PIL import Image

from media import provenance


def saved(picture: Image.Image, *, name: str, settings: Mapping[str, Any] | None = None) -> str:
    """Write a picture as PNG into Gradio's cache, where Gradio itself would have put it.

    Args:
        picture: what to write.
        name: the file's name without `.png`; a download keeps it.
        settings: how a machine painted it; the file says so where they are given.

    Returns:
        The file's path. One content and name have one path.
    """
    content = _png(picture) if settings is None else provenance.png(picture, dict(settings))
    path = Path(get_upload_folder()) / hash_bytes(content) / f"{name}.png"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(content)
        Path(part.name).chmod(0o644)
        os.replace(part.name, path)  # noqa: PTH105 - in one step
    return str(path)


@contextmanager
def place_for(name: str) -> Iterator[Path]:
    """A path in Gradio's cache for a file that is long in the making; whatever breaks that off leaves nothing there.

    Args:
        name: the file's own name.
    """
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    try:
        yield folder / name
    except BaseException:  # a visitor who leaves closes the generator that makes it
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _png(picture: Image.Image) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_level=4)
    return encoded.getvalue()
