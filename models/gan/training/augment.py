"""Differentiable augmentation (Zhao et al., 2020): the discriminator sees real and generated pictures altered alike.

So it does not memorise a small data set. The generator does not learn to draw the alterations, because its own pictures
are altered too. The strengths are the paper's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from models.gan.training.draws import Draws

Alteration = Literal["colour", "translation", "cutout"]
SHIFT, HOLE = 1 / 8, 1 / 2  # of the side


def augmented(pictures: Tensor, alterations: Sequence[Alteration], draws: Draws) -> Tensor:
    """Alter each picture by itself; gradients flow through.

    Args:
        pictures: `(B, C, H, W)` in [-1, 1].
        alterations: in the order of application; none returns the pictures themselves.
        draws: of the run.
    """
    for alteration in alterations:
        pictures = _ALTERATIONS[alteration](pictures, draws)
    return pictures


def _colour(x: Tensor, draws: Draws) -> Tensor:
    """Brightness by up to a quarter of the range, saturation by 0 to 2, contrast by 0.5 to 1.5."""
    brightness, saturation, contrast = draws.uniform(3, len(x), 1, 1, 1, batch=1)
    x = x + brightness - 0.5
    grey = x.mean(dim=1, keepdim=True)
    x = torch.lerp(grey, x, 2 * saturation)
    return torch.lerp(x.mean(dim=(1, 2, 3), keepdim=True), x, contrast + 0.5)


def _translation(x: Tensor, draws: Draws) -> Tensor:
    """Shift by up to an eighth of the side; the uncovered edge is 0, mid-grey, as in the paper."""
    side = x.shape[-1]
    most = round(SHIFT * side)
    across, down = draws.integers(-most, most + 1, 2, len(x), 1, 1, batch=1)
    steps = torch.arange(side, device=x.device)
    rows, columns = (steps[:, None] + down + most).long(), (steps + across + most).long()
    padded = F.pad(x, [most] * 4).movedim(1, -1)  # (B, H, W, C)
    which = torch.arange(len(x), device=x.device)[:, None, None]
    return padded[which, rows, columns].movedim(-1, 1)


def _cutout(x: Tensor, draws: Draws) -> Tensor:
    side = x.shape[-1]
    hole = round(HOLE * side)
    across, down = draws.integers(0, side + 1 - hole % 2, 2, len(x), 1, batch=1)
    steps = torch.arange(side, device=x.device)
    hit_rows, hit_columns = ((steps >= at - hole // 2) & (steps < at + hole - hole // 2) for at in (down, across))
    return x * ~(hit_rows[:, None, :, None] & hit_columns[:, None, None, :])


_ALTERATIONS: dict[str, Callable[[Tensor, Draws], Tensor]] = {
    "colour": _colour,
    "translation": _translation,
    "cutout": _cutout,
}
