"""Preprocessing of a photograph before restyling: crop, rotate, scale, cut out, greyscale, gamma, light, contrast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Annotated

import numpy as np
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


def crop(picture: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    """Crop to a box: left, top, right and bottom as fractions of the sides."""
    width, height = picture.size
    left, right = _span(box[0], box[2], width)
    top, bottom = _span(box[1], box[3], height)
    return picture if (left, top, right, bottom) == (0, 0, width, height) else picture.crop((left, top, right, bottom))


def rotate(picture: Image.Image, degrees: float) -> Image.Image:
    """Rotate anticlockwise; the picture grows to hold its corners, and quarter turns are lossless."""
    if degrees == 0:
        return picture
    return picture.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)


def scale(picture: Image.Image, factor: float) -> Image.Image:
    """Shrink by a factor up to 1."""
    if factor == 1:
        return picture
    size = (max(MIN_SIDE, round(picture.width * factor)), max(MIN_SIDE, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def gamma(picture: Image.Image, value: float) -> Image.Image:
    """Raise levels in [0, 1] to the power of 1 / `value`."""
    if value == 1:
        return picture
    curve = (255 * (np.arange(256) / 255) ** (1 / value)).round().astype(int).tolist()
    return picture.point(curve * 3)


def _span(start: float, end: float, length: int) -> tuple[int, int]:
    """Convert fractions of a side to pixels, at least `MIN_SIDE` apart."""
    first, last = math.floor(start * length), math.ceil(end * length)
    first = max(0, min(first, length - MIN_SIDE))
    return first, min(length, max(last, first + MIN_SIDE))
