"""Flags that two vendors of emoji drew, Twemoji (CC-BY 4.0) and Noto (Apache-2.0): each has its true counterpart."""

from __future__ import annotations

import functools
import tomllib

from PIL import Image

from assets.samples import ASSETS

FOLDER = ASSETS / "flags"
TABLE = ASSETS / "flags.toml"
VENDORS = ("twemoji", "noto")


@functools.cache
def names() -> tuple[str, ...]:
    """What the flags show, in their order."""
    return tuple(tomllib.loads(TABLE.read_text())["names"])


@functools.cache
def flags(vendor: str) -> tuple[Image.Image, ...]:
    """The flags as `twemoji` or `noto` draws them, RGB, in the order of `names`.

    Raises:
        FileNotFoundError: there is no such vendor.
    """
    with Image.open(FOLDER / f"{vendor}.png") as strip:
        pixels = strip.convert("RGB")
    side = pixels.height
    return tuple(pixels.crop((i * side, 0, (i + 1) * side, side)) for i in range(len(names())))
