"""Files for the browser, written into Gradio's cache: each file is written once and appears whole.

Given a `PIL.Image`, Gradio writes it again on every request, to a path derived from its content. When two visitors ask
for the same picture, one may download the file while it is being rewritten for the other, and get a part of it.
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


def saved(
    picture: Image.Image,
    *,
    name: str,
    settings: Mapping[str, Any] | None = None,
    source: str = provenance.COMPOSITE,
) -> str:
    """Write a picture as PNG into Gradio's cache, to the path that Gradio itself would choose.

    Args:
        picture: what to write.
        name: the file's name without `.png`; a download keeps it.
        settings: how the picture was made; given these, the file's metadata says that a machine made it, and how.
        source: its digital source type, as the IPTC's URL: a restyled photograph, or a generator's own picture.

    Returns:
        The file's path: the same content and name give the same path.
    """
    content = _png(picture) if settings is None else provenance.png(picture, dict(settings), source=source)
    return _written(content, f"{name}.png")


def generated(picture: Image.Image, *, name: str, recipe: Mapping[str, Any]) -> str:
    """Write what a generator drew as PNG: the file says how it was made, and that a machine made it.

    Args:
        picture: what to write.
        name: the file's name without `.png`.
        recipe: the generator's name as `model`, the training step, the seed, and whatever else the picture depends on.
    """
    return saved(picture, name=name, settings=recipe, source=provenance.GENERATED)


def preview(picture: Image.Image) -> str:
    """Write a picture as JPEG into Gradio's cache, for a browser that can't show the file it was read from.

    Returns:
        The file's path: the same picture gives the same path.
    """
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=95, subsampling=0)
    return _written(encoded.getvalue(), "picture.jpg")


@contextmanager
def place_for(name: str) -> Iterator[Path]:
    """Give a path in Gradio's cache for a file that takes long to make; an error or a stop deletes the file.

    Args:
        name: the file's name.
    """
    folder = Path(get_upload_folder()) / secrets.token_hex(16)
    folder.mkdir(parents=True)
    try:
        yield folder / name
    except BaseException:  # GeneratorExit too: a visitor who leaves closes the generator that makes the file
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _written(content: bytes, name: str) -> str:
    path = Path(get_upload_folder()) / hash_bytes(content) / name
    try:
        os.utime(path)  # in use: the oldest files are removed (serving/web/janitor.py)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            part.write(content)
        Path(part.name).chmod(0o644)
        os.replace(part.name, path)  # noqa: PTH105 - atomic
    return str(path)


def _png(picture: Image.Image) -> bytes:
    encoded = io.BytesIO()
    picture.save(encoded, "PNG", compress_type=provenance.SEARCH)
    return encoded.getvalue()
