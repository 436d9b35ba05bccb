"""Emoji of two vendors, Twemoji and Noto: both draw the same code points, so each picture has a counterpart.

The drawings of Twemoji are CC-BY 4.0 (Twitter and other contributors), those of Noto Apache-2.0 (Google).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training.data import packages

Vendor = Literal["twitter", "google"]
SIDE = 64  # pixels of the drawings
HELD_OUT = 5  # every fifth code point is kept for scoring
_PACKAGES = {"twitter": packages.TWEMOJI, "google": packages.NOTO}


def twemoji(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Twemoji on white, without the hundreds of flags: a generator would mostly learn rectangles.

    Args:
        train: four fifths of the code points, or the fifth held out.

    Returns:
        uint8 pictures `(N, 3, 64, 64)` in 0 … 255 and labels `(N,)`, indices into `category_names()`.
    """
    names = category_names()
    chosen = tuple(name for name in names if name != "Flags")
    labels = torch.tensor([names.index(emoji["category"]) for emoji in code_points(chosen, train=train)])
    return drawings("twitter", chosen, train=train), labels


def drawings(vendor: Vendor, categories: Sequence[str] = (), *, train: bool = True, size: int = SIDE) -> Tensor:
    """One vendor's drawings on white, in the same order for both vendors.

    Args:
        vendor: `twitter` for Twemoji, `google` for Noto.
        categories: all if none is named.
        train: four fifths of the code points, or the fifth held out.
        size: side in pixels, a divisor of 64.

    Returns:
        uint8 `(N, 3, size, size)` in 0 … 255.

    Raises:
        ValueError: there is no such category, or `size` does not divide 64.
    """
    if unknown := set(categories) - set(category_names()):
        raise ValueError(f"there is no category {min(unknown)!r}; there are: {', '.join(category_names())}")
    if size < 1 or SIDE % size:
        raise ValueError(f"size must divide {SIDE}, got {size}")
    folder = _PACKAGES[vendor].fetch() / "package" / "img" / vendor / str(SIDE)
    levels = np.stack([_on_white(folder / emoji["image"]) for emoji in code_points(tuple(categories), train=train)])
    pictures = torch.from_numpy(levels).permute(0, 3, 1, 2)
    return F.avg_pool2d(pictures.float(), SIDE // size).round().to(torch.uint8)


@functools.cache
def category_names() -> tuple[str, ...]:
    """The names of the categories, sorted."""
    return tuple(sorted({emoji["category"] for emoji in _drawn_by_both()}))


@functools.cache
def _drawn_by_both() -> list[dict[str, Any]]:
    """Every code point that both vendors drew, without skin tones."""
    table = json.loads((packages.TWEMOJI.fetch() / "package" / "emoji.json").read_text())
    both = (
        emoji
        for emoji in table
        if emoji["has_img_twitter"] and emoji["has_img_google"] and emoji["category"] != "Component"
    )
    return sorted(both, key=lambda emoji: emoji["unified"])


def code_points(categories: tuple[str, ...], *, train: bool) -> list[dict[str, Any]]:
    """The code points of some categories, or of all; every fifth of each category is held out."""
    chosen = []
    for name in categories or category_names():
        members = [emoji for emoji in _drawn_by_both() if emoji["category"] == name]
        chosen += [emoji for i, emoji in enumerate(members) if (i % HELD_OUT != 0) == train]
    return chosen


def _on_white(path: Path) -> np.ndarray:
    with Image.open(path) as opened:
        drawing = opened.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", drawing.size, "white"), drawing).convert("RGB"))
