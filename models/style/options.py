"""The options of painting by optimisation: weights, optimiser, steps; and the points of its loss curves.

Imports no torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from models.style.layers import LAYERS, STYLE_LAYERS, min_side

STYLE_WEIGHT = 1e4  # the lecture's 1 : 10 000
MAX_STEPS = 10_000

OptimiserName = Literal["adam", "l-bfgs"]


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
    style_layers: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(STYLE_LAYERS, 1.0))

    def __post_init__(self) -> None:
        for name in ("content", "style", "variation"):
            check_weight(f"the {name} weight", getattr(self, name))
        if not (self.content or self.style):
            raise ValueError("the content weight and the style weight are both 0: nothing is left to paint by")
        for name in ("content", "style"):
            layers: Mapping[str, float] = getattr(self, f"{name}_layers")
            if unknown := set(layers) - set(LAYERS):
                raise ValueError(f"VGG-19 has no layer {min(unknown)!r}; it has {', '.join(LAYERS)}")
            for layer, weight in layers.items():
                check_weight(f"the weight of {layer}", weight)
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


@dataclass(frozen=True, kw_only=True)
class Method:
    """How the pixels are moved.

    Args:
        optimiser: Adam, robust and cheap to resume; or L-BFGS, which needs fewer steps and `history` times the memory.
        step_size: of Adam, in units of white; L-BFGS finds its own.
        warm_up: steps over which Adam's step size rises to that. Before it knows the gradients, it moves every pixel
            alike.
        settle: steps after which Adam's step size has halved, then it falls like 1 / step; 0 keeps it.
        betas: of Adam's running means.
        history: how many steps L-BFGS remembers.
        average: of the pictures so far, the share that stays at each step (an exponential moving average, which
            quietens the grain); 0 shows the newest alone.

    Raises:
        ValueError: a value is out of its range.
    """

    optimiser: OptimiserName = "adam"
    step_size: float = 0.05
    warm_up: int = 0
    settle: float = 20.0
    betas: tuple[float, float] = (0.9, 0.99)
    history: int = 20
    average: float = 0.0

    def __post_init__(self) -> None:
        if self.optimiser not in ("adam", "l-bfgs"):
            raise ValueError(f"there is no optimiser {self.optimiser!r}; there are: adam, l-bfgs")
        if not 0 < self.step_size <= 1:
            raise ValueError(f"the step size must lie above 0 and at most at 1, got {self.step_size:g}")
        if self.warm_up < 0:
            raise ValueError(f"the steps to warm up in must be a number from 0 up, got {self.warm_up}")
        if not (math.isfinite(self.settle) and self.settle >= 0):
            raise ValueError(f"the steps to settle in must be a number from 0 up, got {self.settle:g}")
        if not all(0 <= beta < 1 for beta in (*self.betas, self.average)):
            raise ValueError("Adam's betas and the average must lie in [0, 1)")
        if not 1 <= self.history <= 100:
            raise ValueError(f"L-BFGS can remember 1 to 100 steps, got {self.history}")


# from the photograph in the painting's colours, which is near already; benchmarks/style_race.py
FROM_COLOURS = Method(step_size=0.04, warm_up=15, settle=40.0, betas=(0.9, 0.9))
FROM_NOISE = Method(step_size=0.1, settle=30.0)  # far to go


@dataclass(frozen=True, kw_only=True)
class Options:
    """What to paint by, and how long.

    Args:
        weights: of content, style and smoothness, and of the layers.
        method: how the pixels are moved.
        steps: at the full size.
        coarse_steps: at each smaller size before it.
        scales: how many sizes, √2 apart, the full one among them.
        style_scale: the longer side of the paintings relative to the picture's: larger makes larger strokes.
        seed: of the noise, where painting starts from noise.
        tile: longer pictures are measured in tiles of this many pixels, in less memory and more time; None never.

    Raises:
        ValueError: a value is out of its range.
    """

    weights: Weights = field(default_factory=Weights)
    method: Method = field(default_factory=Method)
    steps: int = 60
    coarse_steps: int = 30
    scales: int = 1
    style_scale: float = 1.0
    seed: int = 0
    tile: int | None = None

    def __post_init__(self) -> None:
        for name in ("steps", "coarse_steps"):
            if not 1 <= getattr(self, name) <= MAX_STEPS:
                raise ValueError(f"{name} must lie between 1 and {MAX_STEPS:,}, got {getattr(self, name)}")
        if not 1 <= self.scales <= 12:
            raise ValueError(f"there can be 1 to 12 scales, got {self.scales}")
        if not 0.1 <= self.style_scale <= 4:
            raise ValueError(f"the style's scale must lie between 0.1 and 4, got {self.style_scale:g}")
        if self.tile is not None and self.tile < 64:
            raise ValueError(f"a tile needs at least 64 pixels, got {self.tile}")


class Point(NamedTuple):
    """One point of the loss curves."""

    step: int
    content: float
    style: float
    variation: float
    total: float


def check_weight(name: str, weight: float) -> None:
    """Refuse a weight that is no number from 0 up.

    Raises:
        ValueError: it is so; the message names the weight.
    """
    if not (math.isfinite(weight) and weight >= 0):
        raise ValueError(f"{name} must be a number from 0 up, got {weight:g}")


def _shares(layers: Mapping[str, float]) -> dict[str, float]:
    total = sum(layers.values())
    return {layer: layers[layer] / total for layer in LAYERS if layers.get(layer)}
