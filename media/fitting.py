"""A visitor's drawing or photograph, placed as a data set places its own: as large, in the middle, dark on white."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

INK = 40  # levels from the ground at which something was drawn


class BlankError(ValueError):
    """There is nothing in the picture."""


def share_filled(pictures: Sequence[Image.Image]) -> float:
    """How much of the side the drawings fill on average: 20 of 32 pixels make 0.625.

    Args:
        pictures: square, of mode L, dark on white.
    """
    boxes = [ImageOps.invert(picture).point(lambda level: 255 * (level >= INK)).getbbox() for picture in pictures]
    sides = [max(right - left, below - above) for left, above, right, below in filter(None, boxes)]
    return sum(sides) / len(sides) / pictures[0].width if sides else 1.0


def centred(picture: Image.Image, side: int, *, share: float) -> Image.Image:
    """Cut out what is drawn, and put its centre of mass in the middle, as LeCun et al. (1998) did for MNIST.

    Args:
        picture: dark on a light ground or light on a dark one, of any size and mode; what is transparent is ground.
        side: of the answer in pixels.
        share: of the side that the drawing is to fill, above 0.

    Returns:
        Mode L, dark on white, its centre of mass in the middle.

    Raises:
        BlankError: nothing stands out from the ground.
    """
    levels = np.asarray(flat(picture).convert("L"), dtype=np.float32)
    edge = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    ink = (levels - np.median(edge)) * (-1 if np.median(edge) > levels.mean() else 1)
    ink = np.clip(ink, 0, None)
    if ink.max() < INK:
        raise BlankError("The picture is blank: draw something, or choose a picture on an even ground.")
    ink = np.where(ink < min(INK, ink.max() / 3), 0, ink * (255 / ink.max()))
    rows, columns = np.nonzero(ink.max(axis=1))[0], np.nonzero(ink.max(axis=0))[0]
    cut = Image.fromarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8))
    box = round(share * side)
    scale = box / max(cut.size)
    cut = cut.resize([max(1, round(length * scale)) for length in cut.size], Image.Resampling.LANCZOS)
    weights = np.asarray(cut, dtype=np.float64)
    middle = (np.arange(cut.width) @ weights.sum(axis=0), np.arange(cut.height) @ weights.sum(axis=1)) / weights.sum()
    left, top = (round((side - 1) / 2 - coordinate) for coordinate in middle)
    answer = Image.new("L", (side, side))
    answer.paste(cut, (left, top))
    return ImageOps.invert(answer)


def square(picture: Image.Image, side: int) -> Image.Image:
    """Fit a picture into a white square, whole.

    Args:
        picture: of any size and mode; what is transparent becomes white.
        side: of the answer in pixels.

    Returns:
        Mode RGB.

    Raises:
        BlankError: it has one colour only.
    """
    opaque = flat(picture)
    if max(high - low for low, high in opaque.getextrema()) < INK:  # type: ignore[misc]
        raise BlankError("The picture is blank: it has one colour only. Draw or choose another.")
    return ImageOps.pad(opaque, (side, side), Image.Resampling.LANCZOS, color="white")


def flat(picture: Image.Image) -> Image.Image:
    """The picture as RGB, on white where it is transparent."""
    with_alpha = picture.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, "white")
    return Image.alpha_composite(ground, with_alpha).convert("RGB")
