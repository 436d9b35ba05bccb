"""Emoji by two hands: Twemoji and Noto draw the same code points, so every picture of one has its pair in the other.

The art of Twemoji is CC-BY 4.0 (Twitter and other contributors), that of Noto Apache-2.0 (Google).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from training.data import packages

Hand = Literal["twitter", "google"]
SIDE = 64  # pixels of the drawings
HELD_OUT = 5  # every fifth code point serves nothing but scoring
_PACKAGES = {"twitter": packages.TWEMOJI, "google": packages.NOTO}


def twemoji(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Twemoji on white, without flags: their hundreds of rectangles would be most of what a generator learns.

    Args:
        train: four fifths of the code points, or the fifth held out.

    Returns:
        uint8 pictures `(N, 3, 64, 64)` in 0 … 255 and labels `(N,)` into `categories()`.
    """
    chosen = tuple(name for name in categories() if name != "Flags")
    names = categories()
    labels = torch.tensor([names.index(one["category"]) for one in _code_points(chosen, train=train)])
    return drawn("twitter", chosen, train=train), labels


def drawn(hand: Hand, chosen: Sequence[str] = (), *, train: bool = True, size: int = SIDE) -> Tensor:
    """One hand's drawings on white, in the order of code points, which is the same for both hands.

    Args:
        hand: `twitter` draws Twemoji, `google` Noto.
        chosen: categories, all if none is named.
        train: four fifths of the code points, or the fifth held out.
        size: side in pixels, a divisor of 64.

    Returns:
        uint8 `(N, 3, size, size)` in 0 … 255.

    Raises:
        ValueError: a category or size that there is not.
    """
    if unknown := set(chosen) - set(categories()):
        raise ValueError(f"there is no category {min(unknown)!r}; there are: {', '.join(categories())}")
    if size < 1 or SIDE % size:
        raise ValueError(f"size must divide {SIDE}, got {size}")
    folder = _PACKAGES[hand].fetch() / "package" / "img" / hand / str(SIDE)
    levels = np.stack([_on_white(folder / one["image"]) for one in _code_points(tuple(chosen), train=train)])
    pictures = torch.from_numpy(levels).permute(0, 3, 1, 2)
    return F.avg_pool2d(pictures.float(), SIDE // size).round().to(torch.uint8)


@functools.cache
def categories() -> tuple[str, ...]:
    """The names of the categories, sorted."""
    return tuple(sorted({one["category"] for one in _listed()}))


@functools.cache
def _listed() -> list[dict[str, Any]]:
    """Every code point that both hands drew, without the variants of skin."""
    listed = json.loads((packages.TWEMOJI.fetch() / "package" / "emoji.json").read_text())
    both = (
        one for one in listed if one["has_img_twitter"] and one["has_img_google"] and one["category"] != "Component"
    )
    return sorted(both, key=lambda one: one["unified"])


def _code_points(chosen: tuple[str, ...], *, train: bool) -> list[dict[str, Any]]:
    """Every fifth of each category is held out."""
    kept = []
    for name in chosen or categories():
        members = [one for one in _listed() if one["category"] == name]
        kept += [one for i, one in enumerate(members) if (i % HELD_OUT != 0) == train]
    return kept


def _on_white(path: Any) -> np.ndarray:
    with Image.open(path) as opened:
        drawing = opened.convert("RGBA")
    return np.asarray(Image.alpha_composite(Image.new("RGBA", drawing.size, "white"), drawing).convert("RGB"))
