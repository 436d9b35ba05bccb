"""Finding the latent vector behind a picture: z is optimised until the generator draws it (Creswell & Bharath, 2018).

Descent from a random z often ends in a picture of another kind. So it starts from the nearest of many samples, from
several at once, and keeps the best.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from models.gan import latent

DRAWN, KEPT = 256, 6  # samples to choose from, and how many of them are followed
RATE = 0.08  # of Adam, falling to 0 as a half cosine
LENGTH_WEIGHT = 0.002  # of |z|² / z_dim beside the squared error: what keeps z where samples lie


class Inversion(NamedTuple):
    """The best latent vector so far."""

    step: int
    z: Tensor  # (z_dim,)
    picture: Tensor  # (C, H, W) in [-1, 1]
    error: float  # root mean square difference to the target, in [0, 2]


def invert(
    generator: Callable[[Tensor], Tensor], target: Tensor, *, z_dim: int, steps: int, seed: int = 0
) -> Iterator[Inversion]:
    """Search for z, and yield the best so far before the first step and after each; the last is the answer.

    Args:
        generator: maps `(N, z_dim)` to `(N, C, H, W)` in [-1, 1]; its parameters stay as they are.
        target: `(C, H, W)` in [-1, 1], on the generator's device.
        z_dim: length of a latent vector.
        steps: how many steps of Adam.
        seed: of the samples that it starts from.
    """
    with torch.no_grad():
        candidates = latent.sample_z(seed, DRAWN, z_dim).to(target.device)
        errors = torch.cat([_squared_error(generator(part), target) for part in candidates.split(64)])
    z = candidates[errors.argsort()[:KEPT]].clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, max(1, steps))
    best: Inversion | None = None
    for step in range(steps + 1):
        with torch.enable_grad():
            pictures = generator(z)
            squared = _squared_error(pictures, target)
            loss = (squared + LENGTH_WEIGHT * z.square().mean(dim=1)).sum()
            (gradient,) = torch.autograd.grad(loss, z)
        nearest = int(squared.argmin())
        error = float(squared[nearest].detach().sqrt())
        if best is None or error < best.error:
            best = Inversion(step, z[nearest].detach().clone(), pictures[nearest].detach(), error)
        yield best._replace(step=step)
        z.grad = gradient
        optimiser.step()
        schedule.step()


def _squared_error(pictures: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of each picture `(N,)`."""
    return (pictures - target).square().flatten(1).mean(dim=1)
