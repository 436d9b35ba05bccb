"""Preprocessing of a photograph: crop, rotate, scale, cut out, greyscale, gamma, light, contrast; or in a chosen order.

Each step has the same pixels as torchvision's function of pictures: tests/unit/demos/see/test_pipeline_script.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

from PIL import Image, ImageEnhance
from pydantic import ConfigDict, Field, field_validator
from pydantic.dataclasses import dataclass

from media.images import MIN_SIDE, WHITE

Fraction = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=3)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Preparation:
    """Settings, applied in this order, which is the lecture's; the defaults change nothing.

    Raises:
        pydantic.ValidationError: a value is out of range.
    """

    crop: tuple[Fraction, Fraction, Fraction, Fraction] = (0.0, 0.0, 1.0, 1.0)  # left, top, right, bottom
    rotate: Annotated[float, Field(ge=-180, le=180)] = 0.0  # degrees anticlockwise; the corners become white
    scale: Annotated[float, Field(ge=0.05, le=1)] = 1.0
    cut_out: bool = False  # the background becomes white
    greyscale: bool = False
    gamma: Annotated[float, Field(ge=0.2, le=5)] = 1.0  # above 1 lightens the midtones
    brightness: Factor = 1.0  # 0 is black
    contrast: Factor = 1.0  # 0 is grey

    @field_validator("crop")
    @classmethod
    def _has_an_inside(cls, crop: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        left, top, right, bottom = crop
        if right - left < 0.02 or bottom - top < 0.02:
            raise ValueError("must be left, top, right, bottom, each at least 0.02 before its opposite")
        return crop


def prepare(
    picture: Image.Image, preparation: Preparation, *, find_subject: Callable[[Image.Image], Image.Image]
) -> Image.Image:
    """Apply a preparation to an RGB picture.

    Args:
        picture: of mode RGB.
        preparation: the settings.
        find_subject: returns the mask of a picture, of mode L, white for the subject; called only for `cut_out`.

    Returns:
        An RGB picture; each side has at least `MIN_SIDE` pixels.
    """
    picture = rotate(crop(picture, preparation.crop), preparation.rotate)
    picture = scale(picture, preparation.scale)
    if preparation.cut_out:
        picture = Image.composite(picture, Image.new("RGB", picture.size, WHITE), find_subject(picture))
    if preparation.greyscale:
        picture = picture.convert("L").convert("RGB")
    picture = gamma(picture, preparation.gamma)
    if preparation.brightness != 1:
        picture = ImageEnhance.Brightness(picture).enhance(preparation.brightness)
    if preparation.contrast != 1:
        picture = ImageEnhance.Contrast(picture).enhance(preparation.contrast)
    return picture


def in_order(
    picture: Image.Image, steps: Sequence[Preparation], *, find_subject: Callable[[Image.Image], Image.Image]
) -> Iterator[Image.Image]:
    """Apply preparations one after another: the picture after each. See `prepare`."""
    for step in steps:
        picture = prepare(picture, step, find_subject=find_subject)
        yield picture


def crop(picture: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """Crop to a box: left, top, right and bottom as fractions of the sides."""
    inside = crop_box(picture.size, box)
    return picture if inside == (0, 0, *picture.size) else picture.crop(inside)


def crop_box(size: tuple[int, int], box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels, from fractions of the sides; the sides have at least `MIN_SIDE` pixels."""
    left, right = _span(box[0], box[2], size[0])
    top, bottom = _span(box[1], box[3], size[1])
    return left, top, right, bottom


def rotate(picture: Image.Image, degrees: float) -> Image.Image:
    """Rotate anticlockwise; the picture grows to hold its corners, and quarter turns are lossless."""
    if degrees == 0:
        return picture
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def scale(picture: Image.Image, factor: float) -> Image.Image:
    """Shrink by a factor up to 1."""
    if factor == 1:
        return picture
    return picture.resize(scaled_size(picture.size, factor), Image.Resampling.LANCZOS)


def scaled_size(size: tuple[int, int], factor: float) -> tuple[int, int]:
    """Width and height after scaling; at least `MIN_SIDE` pixels each."""
    return max(MIN_SIDE, round(size[0] * factor)), max(MIN_SIDE, round(size[1] * factor))


def gamma(picture: Image.Image, value: float) -> Image.Image:
    """Raise levels in [0, 1] to the power of 1 / `value`, rounded as torchvision's `adjust_gamma` does."""
    if value == 1:
        return picture
    curve = [int((255 + 1 - 1e-3) * (level / 255) ** (1 / value)) for level in range(256)]
    return picture.point(curve * 3)


def _span(start: float, end: float, length: int) -> tuple[int, int]:
    """Convert fractions of a side to pixels, at least `MIN_SIDE` apart."""
    first, last = math.floor(start * length), math.ceil(end * length)
    first = max(0, min(first, length - MIN_SIDE))
    return first, min(length, max(last, first + MIN_SIDE))
