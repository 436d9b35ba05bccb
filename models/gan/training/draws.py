"""The random numbers of a training run: drawn on the CPU, so that a seed means the same on every device.

Of several processes that train together each draws those of the whole batch and keeps its part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from models.gan.training import parallel


class _Kept(NamedTuple):
    """The numbers that a step asks for at one place, and how they are drawn anew."""

    draw: Callable[[], Tensor]
    numbers: Tensor  # on the device


class Draws:
    """Random tensors on a device, from a generator on the CPU; `batch` says which dimension is that of the pictures.

    Args:
        random: on the CPU.
        device: where the numbers go.
        in_place: every step asks for the same kinds of numbers in the same order, and gets them in the same tensors:
            `renew` fills them before the step, as the replay of a CUDA graph needs it. The first step draws by itself.
    """

    def __init__(self, random: torch.Generator, device: torch.device, *, in_place: bool = False) -> None:
        self._random, self._device, self._in_place = random, device, in_place
        self._kept: list[_Kept] = []
        self._next = 0

    def uniform(self, *shape: int, batch: int = 0) -> Tensor:
        """Numbers in [0, 1)."""
        return self._drawn(torch.rand, shape, batch)

    def normal(self, *shape: int, batch: int = 0) -> Tensor:
        """Numbers from N(0, 1)."""
        return self._drawn(torch.randn, shape, batch)

    def integers(self, low: int, high: int, *shape: int, batch: int = 0) -> Tensor:
        """Whole numbers from `low` up to, without, `high`."""
        return self._drawn(partial(torch.randint, low, high), shape, batch)

    def begin(self) -> None:
        """A step begins: the next request is its first."""
        self._next = 0

    def renew(self) -> None:
        """Draw the numbers of the next step, in the order in which it asks for them."""
        for kept in self._kept:
            kept.numbers.copy_(kept.draw(), non_blocking=True)  # pageable: the driver keeps a copy

    def _drawn(self, numbers: Callable[..., Tensor], shape: Sequence[int], batch: int) -> Tensor:
        def draw() -> Tensor:
            return parallel.draw(numbers, shape, self._random, dim=batch)

        if not self._in_place:
            return draw().to(self._device)
        if self._next == len(self._kept):
            self._kept.append(_Kept(draw, draw().to(self._device)))
        self._next += 1
        return self._kept[self._next - 1].numbers
