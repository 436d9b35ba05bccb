"""The paintings that a picture is measured against, and the checks of pictures, regions and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from models.style.options import Weights, check_weight

MIN_MASK = 1e-3  # of the picture: a smaller region has no statistics


@dataclass(frozen=True)
class Style:
    """A painting, how much it counts beside the others, and where.

    Args:
        picture: `(1, 3, H, W)` in [0, 1].
        weight: relative to the other styles'; 0 leaves it out.
        where: region of the content that is painted so, `(1, 1, H, W)` in [0, 1]; None is everywhere.
        of: region of the painting that is imitated, `(1, 1, H, W)` in [0, 1]; None is all of it.
    """

    picture: Tensor
    weight: float = 1.0
    where: Tensor | None = None
    of: Tensor | None = None


def check(content: Tensor, styles: Sequence[Style], *, weights: Weights, content_mask: Tensor | None = None) -> None:
    """Refuse pictures, styles and masks that no objective can be made of.

    Raises:
        ValueError: a picture is too small, a mask is empty or not the size of its picture, or no style counts.
    """
    for style in styles:
        check_weight("a style's weight", style.weight)
        if style.where is not None:
            check_mask("the mask of where a style goes", style.where, content)
        if style.of is not None:
            check_mask("the mask of a painting", style.of, style.picture)
    if weights.of_style and not any(style.weight for style in styles):
        raise ValueError(
            "no style counts: choose a painting and give it a weight above 0, or set the style weight to 0"
        )
    if content_mask is not None:
        check_mask("the content's mask", content_mask, content)
    for picture in (content, *(style.picture for style in styles)):
        if min(picture.shape[-2:]) < weights.min_side:
            height, width = picture.shape[-2:]
            raise ValueError(f"{width} × {height} pixels are too few; these layers need {weights.min_side} a side")


def check_mask(name: str, mask: Tensor, picture: Tensor) -> None:
    """Refuse a mask that is not `(1, 1, H, W)` of its picture's size, not within [0, 1], or empty.

    Raises:
        ValueError: it is so; the message names the mask.
    """
    if tuple(mask.shape) != (1, 1, *picture.shape[-2:]):
        size, own = (" × ".join(str(n) for n in reversed(pixels.shape[-2:])) for pixels in (mask, picture))
        raise ValueError(f"{name} has {size} pixels, its picture {own}: give it the picture's size, one channel")
    if not (mask.isfinite().all() and mask.min() >= 0 and mask.max() <= 1):
        raise ValueError(f"{name} must lie in [0, 1]")
    if mask.mean() < MIN_MASK:
        raise ValueError(f"{name} is empty: paint a larger region, or leave the mask out")
