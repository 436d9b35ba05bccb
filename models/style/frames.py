"""The frames that painting by optimisation yields, and the state from which it can go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from models.style.options import Options, Point


@dataclass(frozen=True)
class State:
    """All that painting goes on from; on the CPU, and good on any device."""

    size: tuple[int, int]  # height and width that is painted at
    step: int  # in all
    seconds: float
    picture: Tensor  # (1, 3, H, W), as the optimiser left it
    options: Options  # that it was painted by so far
    descent: dict[str, Any] = field(repr=False)  # `Descent.state_dict`


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
