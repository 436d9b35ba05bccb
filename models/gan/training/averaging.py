"""The moving average of a network's weights: its pictures vary less from step to step than the network's own."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

from models.gan.training import spectral

Module = TypeVar("Module", bound=nn.Module)


def still(network: Module) -> Module:
    """A frozen copy in evaluation mode for `follow` to move."""
    return copy.deepcopy(network).eval().requires_grad_(False)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, *, step: int, decay: float) -> None:
    """Move the average towards the network.

    In the first steps it moves faster than `decay` says, or the average at step 500 would still be close to step 0.

    Args:
        average: made by `still`, before any parametrisation of the network.
        network: whose parameters are averaged; its buffers, such as batch norm's own running means, are copied.
        step: how many steps the network has made.
        decay: 0 copies.
    """
    move(average, network, 1 - decay_at(step, decay))


@torch.no_grad()
def move(average: nn.Module, network: nn.Module, share: float | Tensor) -> None:
    """Move the average by a share of the way to the network; see `follow`.

    Args:
        average: made by `still`.
        network: whose parameters are averaged.
        share: 0 to 1, a number or a tensor of one number.
    """
    parameters, new = dict(average.named_parameters()), spectral.folded(network)
    for name, mean in average.state_dict().items():
        if name in parameters:
            mean.lerp_(new[name], share)
        else:
            mean.copy_(new[name])


def decay_at(step: int, decay: float) -> float:
    """The decay after `step` steps: smaller than `decay` at first."""
    return min(decay, (1 + step) / (10 + step))
