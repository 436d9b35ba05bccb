"""The first layer of VGG-19 as filters of a colour picture: what each looks for in 3 × 3 pixels of red, green and blue.

The network begins with a 1 × 1 convolution that turns red, green and blue around and takes off the mean of the training
pictures. Folded into conv1_1, it gives 64 filters that can be laid on a photo as it is, and looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

KEYS = ("colour.weight", "colour.bias", "conv1_1.weight", "conv1_1.bias")
EDGE = 0.35  # of the largest tilt there is: from here on a filter is one for edges
EVEN = 0.9  # share of a filter's weights with the same sign, from which on it sees brightness rather than a colour
PALE = 0.05  # share of a filter's weights from which on it favours a colour
SIDES = ("right", "lower right", "bottom", "lower left", "left", "upper left", "top", "upper right")  # 45° apart
MIXTURES = {  # which of red, green and blue a filter favours
    (True, False, False): "red",
    (False, True, False): "green",
    (False, False, True): "blue",
    (True, True, False): "yellow",
    (False, True, True): "turquoise",
    (True, False, True): "purple",
}


class FirstFilters(NamedTuple):
    """The filters: after a ReLU, their sums are `relu1_1`."""

    weights: Tensor  # (64, 3, 3, 3): filter, colour (red, green, blue), row, column; for pictures in [0, 1]
    biases: Tensor  # (64,)


def folded(state: Mapping[str, Tensor]) -> FirstFilters:
    """Fold the colour convolution of VGG-19 into its first layer.

    Args:
        state: the four tensors of `KEYS`.
    """
    colour, mean, weights, biases = (state[key].float() for key in KEYS)
    return FirstFilters(
        torch.einsum("fkyx,kc->fcyx", weights, colour[:, :, 0, 0]),
        biases + torch.einsum("fkyx,k->f", weights, mean),
    )


def responds_to(weights: Tensor) -> str:
    """What a filter `(3, 3, 3)` responds to, in words, such as "edges that get brighter to the left"."""
    total = weights.abs().sum()
    tilt = torch.tensor([-1.0, 0.0, 1.0])
    across, down = ((weights * along).sum() / total for along in (tilt, tilt[:, None]))
    grey = weights.mean(dim=0)
    if torch.hypot(across, down) >= EDGE:
        side = SIDES[int((torch.atan2(down, across) / (torch.pi / 4)).round()) % len(SIDES)]
        coloured = (weights - grey).abs().sum() > grey.abs().expand(3, -1, -1).sum()
        return f"{'coloured edges' if coloured else 'edges'}, brighter towards the {side}"
    by_colour = weights.sum(dim=(1, 2)) / total
    if by_colour.sum().abs() >= EVEN:
        return "bright places" if by_colour.sum() > 0 else "dark places"
    red, green, blue = (bool(share > PALE) for share in by_colour)
    return MIXTURES.get((red, green, blue), "a texture")
