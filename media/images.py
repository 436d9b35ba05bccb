"""Decoding of uploaded pictures: any file gives an upright RGB picture or an error in one clear sentence."""

from __future__ import annotations

import hashlib
import io
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

MIN_SIDE = 16
MAX_PIXELS = 64_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF")
WHITE = (255, 255, 255)


class PictureError(ValueError):
    """The file cannot be used as a picture; the message says why and what to do."""


def read(source: str | Path | BinaryIO, *, max_side: int | None = None) -> Image.Image:
    """Decode a picture: the first frame, upright, on white, 8 bits per channel, without metadata.

    Args:
        source: a path, or a file opened for reading bytes.
        max_side: scale the picture down so that its longer side is at most this many pixels.

    Returns:
        A picture of mode RGB.

    Raises:
        PictureError: the file is empty, not a picture, damaged, too small or too large.
    """
    raw = Path(source).read_bytes() if isinstance(source, str | Path) else source.read()
    if not raw:
        raise PictureError("The file is empty. Choose a picture and try again.")
    head = raw[:1024].lstrip().lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        raise PictureError("An SVG drawing has no pixels to paint on. Save it as PNG or JPEG first.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # checked below, before decoding
            opened = Image.open(io.BytesIO(raw), formats=FORMATS)
    except Exception as error:  # hostile bytes make Pillow's readers raise almost anything
        raise _unopened(error) from error
    _check_size(opened)
    try:
        if max_side is not None:
            opened.draft("RGB", (max_side, max_side))  # a JPEG is decoded at a smaller size
        opened.load()
    except Exception as error:
        raise PictureError("The picture is damaged or cut off. Save or download it again, then retry.") from error
    picture = _rgb(_upright(opened))
    picture.info.clear()  # metadata such as the place would be saved with the result
    return picture if max_side is None else fit(picture, max_side)


def fit(picture: Image.Image, side: int) -> Image.Image:
    """Scale a picture down so that its longer side is at most `side` pixels; a smaller one stays as it is."""
    if max(picture.size) <= side:
        return picture
    scale = side / max(picture.size)
    size = (max(MIN_SIDE, round(picture.width * scale)), max(MIN_SIDE, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def digest(picture: Image.Image) -> bytes:
    """What tells pictures apart: a digest of the mode, the size and the pixels."""
    return hashlib.sha256(repr((picture.mode, picture.size)).encode() + picture.tobytes()).digest()


def _unopened(error: Exception) -> PictureError:
    if isinstance(error, Image.DecompressionBombError):
        return _too_large()
    return PictureError("The file is not a picture that can be read. Send a JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP.")


def _too_large(size: tuple[int, int] | None = None) -> PictureError:
    start = f"The picture has {size[0]:,} × {size[1]:,} pixels" if size else "The picture has too many pixels"
    return PictureError(f"{start}; up to {MAX_PIXELS // 1_000_000} megapixels can be read. Scale it down first.")


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if min(width, height) < MIN_SIDE:
        raise PictureError(
            f"The picture has {width} × {height} pixels; each side needs at least {MIN_SIDE}. Choose a larger one."
        )
    if width * height > MAX_PIXELS:
        raise _too_large(picture.size)


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # broken EXIF makes Pillow raise almost anything; the pixels are fine
        return picture


def _rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _eight_bits(picture)
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, (*WHITE, 255)), layer).convert("RGB")
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale grey levels of 16 or 32 bits or floating point; `convert` would cut them off at 255."""
    levels = np.asarray(picture, dtype=np.float64)
    if picture.mode.startswith("I;16"):
        white = 65535.0
    else:  # the file does not say which level is white: take the smallest usual range that holds all levels
        white = next((white for white in (1.0, 255.0) if picture.mode == "F" and levels.max() <= white), 65535.0)
    return Image.fromarray((levels / white * 255).clip(0, 255).round().astype(np.uint8))
