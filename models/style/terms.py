"""What a painting is measured against: styles, how much each term and layer counts, and what of that makes sense."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from models.style import gram
from models.style.vgg import LAYERS, min_side

STYLE_WEIGHT = 1e4  # the lecture's 1 : 10 000
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


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How much each term and each layer counts.

    Args:
        content: α.
        style: β.
        variation: γ; 10⁴ smooths visibly.
        content_layers: relative weight of each layer.
        style_layers: relative weight of each layer.

    Raises:
        ValueError: a weight is negative or not finite, nothing counts, or a layer is unknown.
    """

    content: float = 1.0
    style: float = STYLE_WEIGHT
    variation: float = 0.0
    content_layers: Mapping[str, float] = field(default_factory=lambda: {"relu4_2": 1.0})
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(gram.STYLE_LAYERS, 1.0))

    def __post_init__(self) -> None:
        for name in ("content", "style", "variation"):
            _check_weight(f"the {name} weight", getattr(self, name))
        if not (self.content or self.style):
            raise ValueError("the content weight and the style weight are both 0: nothing is left to paint by")
        for name in ("content", "style"):
            layers: Mapping[str, float] = getattr(self, f"{name}_layers")
            if unknown := set(layers) - set(LAYERS):
                raise ValueError(f"VGG-19 has no layer {min(unknown)!r}; it has {', '.join(LAYERS)}")
            for layer, weight in layers.items():
                _check_weight(f"the weight of {layer}", weight)
            if getattr(self, name) and not any(layers.values()):
                raise ValueError(f"no {name} layer is chosen: choose one, or set the {name} weight to 0")

    @property
    def of_content(self) -> dict[str, float]:
        """α and the layers' weights multiplied out, without the layers that do not count."""
        return _shares(self.content_layers) if self.content else {}

    @property
    def of_style(self) -> dict[str, float]:
        """The same of β."""
        return _shares(self.style_layers) if self.style else {}

    @property
    def min_side(self) -> int:
        """The fewest pixels a side that every chosen layer can see."""
        return max(min_side(layer) for layer in (*self.of_content, *self.of_style))


def check(content: Tensor, styles: Sequence[Style], *, weights: Weights, content_mask: Tensor | None = None) -> None:
    """Refuse pictures, styles and masks that no objective can be made of.

    Raises:
        ValueError: a picture is too small, a mask is empty or not the size of its picture, or no style counts.
    """
    for style in styles:
        _check_weight("a style's weight", style.weight)
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
        size, own = (" × ".join(str(n) for n in reversed(one.shape[-2:])) for one in (mask, picture))
        raise ValueError(f"{name} has {size} pixels, its picture {own}: give it the picture's size, one channel")
    if not (mask.isfinite().all() and mask.min() >= 0 and mask.max() <= 1):
        raise ValueError(f"{name} must lie in [0, 1]")
    if mask.mean() < MIN_MASK:
        raise ValueError(f"{name} is empty: paint a larger region, or leave the mask out")


def _shares(layers: Mapping[str, float]) -> dict[str, float]:
    total = sum(layers.values())
    return {layer: layers[layer] / total for layer in LAYERS if layers.get(layer)}


def _check_weight(name: str, weight: float) -> None:
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"{name} must be a number from 0 up, got {weight:g}")
