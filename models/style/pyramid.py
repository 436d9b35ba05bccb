"""Coarse to fine: a picture is painted small first, and what the optimiser has learnt is carried to the next size.

After crowsonkb/style-transfer-pytorch: sizes apart by √2, Adam's moments interpolated.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch.nn import functional as F

RATIO = 2**0.5


def sizes(height: int, width: int, *, scales: int, least: int) -> list[tuple[int, int]]:
    """The sizes `(height, width)` to paint at, the full one last.

    Args:
        height: of the result.
        width: of the result.
        scales: how many sizes at most, each √2 larger than the one before.
        least: the fewest pixels a side; scales below are left out.

    Raises:
        ValueError: there is to be no scale at all.
    """
    if scales < 1:
        raise ValueError(f"there must be at least 1 scale, got {scales}")
    every = [(round(height / RATIO**back), round(width / RATIO**back)) for back in reversed(range(scales))]
    return [size for size in every[:-1] if min(size) >= least] + every[-1:]


def resize(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Resample pictures or masks `(B, C, H, W)`, without aliasing; a size that fits is returned as it is."""
    if tuple(picture.shape[-2:]) == size:
        return picture
    resized = F.interpolate(picture, size, mode="bicubic", antialias=True, align_corners=False)
    return resized.clamp(0, 1)


def carry_adam(state: dict[str, Any], size: tuple[int, int]) -> dict[str, Any]:
    """Bring Adam's state to another size.

    The losses are means over the picture, so a pixel's gradient shrinks as their number grows: the moments follow.

    Args:
        state: `torch.optim.Adam.state_dict()` of one picture.
        size: height and width.
    """
    carried: dict[str, Any] = {"state": {}, "param_groups": state["param_groups"]}
    for index, own in state["state"].items():
        old = own["exp_avg"]
        shrink = old.shape[-2] * old.shape[-1] / (size[0] * size[1])
        mean = F.interpolate(old, size, mode="bilinear", align_corners=False) * shrink
        square = F.interpolate(own["exp_avg_sq"], size, mode="bilinear", align_corners=False) * shrink**2
        carried["state"][index] = {**own, "exp_avg": mean, "exp_avg_sq": square}
    return carried
