"""What painting is asked for and what it yields: options, frames, the loss curve, and the state to go on from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from torch import Tensor

from models.style.descent import Method
from models.style.terms import Weights

MAX_STEPS = 10_000


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


@dataclass(frozen=True)
class State:
    """All that painting goes on from; on the CPU, and good on any device."""

    size: tuple[int, int]  # height and width that is painted at
    step: int  # in all
    seconds: float
    picture: Tensor  # (1, 3, H, W), as the optimiser left it
    options: Options  # that it was painted by so far
    memory: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Frame:
    """A painting on its way.

    Attributes:
        step: steps done, at all sizes.
        steps: steps to do.
        image: `(1, 3, H, W)` in [0, 1], of the size that is painted at just now.
        content_loss: before its weight, as the other losses.
        style_loss: of the newest picture; with `Method.average` the one shown is a little behind.
        variation: the total variation.
        total: the weighted sum.
        seconds: of painting so far, pauses left out.
        curve: every step since the last frame, this one included.
        state: to go on from.
    """

    step: int
    steps: int
    image: Tensor
    content_loss: float
    style_loss: float
    variation: float
    total: float
    seconds: float
    curve: tuple[Point, ...]
    state: State = field(repr=False)
