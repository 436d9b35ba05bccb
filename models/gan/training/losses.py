"""Losses of discriminator and generator, one pair of functions for each game, and the gradient penalties."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import relu, softplus


class Game(NamedTuple):
    """The two losses of one game, each of verdicts on real and on generated pictures, `(B,)` or of any one shape.

    The discriminator's also takes the targets of the real pictures, 1 unless they are smoothed.
    """

    discriminator: Callable[[Tensor, Tensor, Tensor], Tensor]
    generator: Callable[[Tensor, Tensor], Tensor]


def _tell_apart(real: Tensor, fake: Tensor, target: Tensor) -> Tensor:
    """Cross entropy; that of a target t is softplus(-x) + (1 - t) x."""
    return (softplus(-real) + (1 - target) * real).mean() + softplus(fake).mean()


def _rank(real: Tensor, fake: Tensor, _: Tensor) -> Tensor:
    return softplus(fake - real).mean()


def _rate(real: Tensor, fake: Tensor, _: Tensor) -> Tensor:
    return fake.mean() - real.mean()


def _keep_apart(real: Tensor, fake: Tensor, _: Tensor) -> Tensor:
    return relu(1 - real).mean() + relu(1 + fake).mean()


def _fit(real: Tensor, fake: Tensor, target: Tensor) -> Tensor:
    return (real - target).square().mean() + fake.square().mean()


GAMES = {
    # Goodfellow et al., 2014, section 3
    "non-saturating": Game(_tell_apart, lambda _, fake: softplus(-fake).mean()),
    # Jolicoeur-Martineau, 2019: each real picture against a generated one, as in R3GAN (Huang et al., 2024)
    "relativistic": Game(_rank, lambda real, fake: softplus(real - fake).mean()),
    # Arjovsky et al., 2017: differences of means, no probabilities
    "wasserstein": Game(_rate, lambda _, fake: -fake.mean()),
    # Lim & Ye, 2017, as in SAGAN (Zhang et al., 2019): verdicts beyond 1 and -1 are good enough
    "hinge": Game(_keep_apart, lambda _, fake: -fake.mean()),
    # Mao et al., 2017, as in CycleGAN: verdicts of 1 and 0, no probabilities
    "least-squares": Game(_fit, lambda _, fake: (fake - 1).square().mean()),
}


def squared_slope(verdicts: Tensor, pictures: Tensor) -> Tensor:
    """R1 on real pictures, R2 on generated ones (Mescheder et al., 2018): the mean squared gradient of the verdict.

    Args:
        verdicts: logits of `pictures`.
        pictures: `(B, C, H, W)` that require a gradient.
    """
    return mean_square(_slopes(verdicts, pictures))


def mean_square(slopes: Tensor) -> Tensor:
    """Of the lengths of slopes `(B, …)`, in float32."""
    return slopes.float().flatten(1).square().sum(dim=1).mean()


def slope_from_one(critic: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """The penalty of WGAN-GP (Gulrajani et al., 2017): how far the slope between two pictures is from 1, squared.

    Args:
        critic: pictures `(B, C, H, W)` to verdicts `(B,)`.
        real: `(B, C, H, W)`.
        fake: `(B, C, H, W)`.
        share: `(B,)` in 0 … 1, where between the two to look.
    """
    between = torch.lerp(fake.detach().float(), real.detach(), share.view(-1, 1, 1, 1)).requires_grad_()
    return (_slopes(critic(between), between).norm(dim=1) - 1).square().mean()


def _slopes(verdicts: Tensor, pictures: Tensor) -> Tensor:
    (slope,) = torch.autograd.grad(verdicts.float().sum(), pictures, create_graph=True)
    return slope.float().flatten(1)
