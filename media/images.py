"""Decoding of uploaded pictures: any file gives an upright sRGB picture or an error in one clear sentence."""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageCms
from pillow_heif import register_heif_opener

from media.budget import Budget, BudgetError

register_heif_opener(thumbnails=False)  # Pillow then reads HEIC, in which phones store photographs

MIN_SIDE = 16
MAX_PIXELS = 64_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "HEIF")
SRGB = ImageCms.createProfile("sRGB")
WHITE = (255, 255, 255)
BUDGET = Budget()
BAND_PIXELS = 2**21  # averaged at a time
ROWS = 256  # of 16 or 32 bits, scaled at a time
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PictureError(ValueError):
    """The file cannot be used as a picture; the message says why and what to do."""


def read(source: str | Path | BinaryIO, *, max_side: int | None = None) -> Image.Image:
    """Decode a picture: the first frame, upright, in sRGB, on white, 8 bits per channel, without metadata.

    Args:
        source: a path, or a file opened for reading bytes.
        max_side: scale the picture down so that its longer side is at most this many pixels.

    Returns:
        A picture of mode RGB.

    Raises:
        PictureError: the file is empty, not a picture, damaged, too small or too large.
    """
    with _decoded(source, max_side) as decoded:
        picture = _on_white(decoded)
        return picture if max_side is None else fit(picture, max_side)


def read_mask(source: str | Path | BinaryIO, *, max_side: int | None = None) -> Image.Image:
    """Decode a mask; what it means is read by `models.style.masks.from_picture`.

    Args:
        source: a path, or a file opened for reading bytes.
        max_side: as in `read`.

    Returns:
        A picture of mode RGBA where parts are transparent, as in a cut-out, else of mode L.

    Raises:
        PictureError: as `read`.
    """
    with _decoded(source, max_side) as decoded:
        mask = decoded.convert("RGBA" if decoded.has_transparency_data else "L")
        return mask if max_side is None else fit(mask, max_side)


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


@contextmanager
def _decoded(source: str | Path | BinaryIO, max_side: int | None) -> Iterator[Image.Image]:
    """Decode a picture, upright and in sRGB, of mode L, RGB, RGBA or another that converts to them without loss.

    While the block runs, the memory for it is taken from the budget of all pictures that are being decoded.
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
    if max_side is not None:
        with contextlib.suppress(Exception):  # damaged: `load` says so
            opened.draft("RGB", (max_side, max_side))  # a JPEG is decoded at a smaller size
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(BUDGET.holding(_bytes(opened, max_side)))
        except BudgetError:
            raise PictureError("Many large pictures are being opened at the moment. Try again in a minute.") from None
        try:
            opened.load()
        except Exception as error:
            raise PictureError("The picture is damaged or cut off. Save or download it again, then retry.") from error
        profile, turn = opened.info.get("icc_profile"), _turn(opened)
        picture = _reduced(_eight_bits(opened), max_side)
        if turn is not None:
            picture = picture.transpose(turn)
        picture = _in_srgb(picture, profile)
        transparency = picture.info.get("transparency")
        picture.info.clear()  # metadata such as the place would be saved with the result
        if transparency is not None:
            picture.info["transparency"] = transparency
        yield picture


def _unopened(error: Exception) -> PictureError:
    if isinstance(error, Image.DecompressionBombError):
        return _too_large()
    return PictureError(
        "The file is not a picture that can be read. Send a JPEG, PNG, HEIC, WebP, AVIF, GIF, TIFF or BMP."
    )


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


def _bytes(picture: Image.Image, max_side: int | None) -> int:
    """Memory for decoding a picture: the pixels as they are stored, and copies of what is left when it is reduced."""
    width, height = picture.size
    stored = {"1": 1, "L": 1, "P": 1, "LA": 4, "PA": 4}.get(picture.mode, 2 if picture.mode.startswith("I;16") else 4)
    step = _step(picture.size, max_side)
    return width * height * (stored + (1 if picture.mode[0] in "IF" else 0)) + 8 * width * height // step**2


def _step(size: tuple[int, int], max_side: int | None) -> int:
    """How many pixels a side become one before the exact scaling, which needs twice as many as the result has."""
    return 1 if max_side is None else max(1, max(size) // (2 * max_side))


def _reduced(picture: Image.Image, max_side: int | None) -> Image.Image:
    """Average whole blocks of pixels where far fewer are needed, a band at a time: copies of the whole are large."""
    step = _step(picture.size, max_side)
    mode = _averaged_mode(picture)
    if step == 1 or mode is None or min(picture.size) < step * MIN_SIDE:
        return picture
    size = (-(-picture.width // step), -(-picture.height // step))
    small = Image.new(mode, size)
    rows = step * max(1, BAND_PIXELS // (picture.width * step))
    for top in range(0, picture.height, rows):
        band = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        band = band if band.mode == mode else band.convert(mode)
        small.paste(band.reduce(step), (0, top // step))
    return small


def _averaged_mode(picture: Image.Image) -> str | None:
    """The mode in which pixels can be averaged; None where there is none."""
    if picture.mode in ("P", "PA", "LA", "RGBA") or picture.has_transparency_data:
        return "RGBA" if picture.has_transparency_data else "RGB"
    return {"1": "L", "L": "L", "RGB": "RGB", "CMYK": "CMYK", "YCbCr": "YCbCr"}.get(picture.mode)


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """What makes a picture upright, after its EXIF data."""
    try:
        return TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # broken EXIF makes Pillow raise almost anything; the pixels are fine
        return None


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", layer.size, (*WHITE, 255)), layer)
    picture = picture.convert("RGB")
    picture.info.clear()
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert the colours from those of an ICC profile, such as Display P3 or Adobe RGB; a broken one is ignored."""
    if not profile:
        return picture
    if picture.mode in ("P", "PA", "LA", "1"):
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        grey = source.profile.xcolor_space.strip() == "GRAY"
        if grey and picture.mode != "L":
            return picture  # grey, but stored with three channels: there is no such transform
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(picture, source, SRGB, outputMode=mode) or picture
    except Exception:  # hostile bytes make the colour library raise almost anything; the pixels are fine
        return picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale grey levels of 16 or 32 bits or floating point; `convert` would cut them off at 255."""
    if not picture.mode.startswith("I") and picture.mode != "F":
        return picture
    bands = [(0, top, picture.width, min(top + ROWS, picture.height)) for top in range(0, picture.height, ROWS)]
    if picture.mode.startswith("I;16"):
        white = 65535.0
    else:  # the file does not say which level is white: take the smallest usual range that holds all levels
        most = max(float(np.nanmax(np.asarray(picture.crop(band)), initial=0)) for band in bands)
        white = next((white for white in (1.0, 255.0) if picture.mode == "F" and most <= white), 65535.0)
    grey = Image.new("L", picture.size)
    for band in bands:
        levels = np.nan_to_num(np.asarray(picture.crop(band), dtype=np.float64))
        grey.paste(Image.fromarray((levels / white * 255).clip(0, 255).round().astype(np.uint8)), band[:2])
    return grey
