"""How near a translation comes to the true pair: the score that CycleGAN's own data sets cannot give.

Two baselines that know nothing of drawing show what the distance is worth: leaving the picture as it is, and giving it
the colour statistics of the other set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Closeness(NamedTuple):
    """Mean absolute differences to the true pair, 0 to 1 of the pictures' range; less is nearer."""

    translated: float
    identity: float  # the picture itself
    recoloured: float  # the picture with the other set's colour statistics
    wins: float  # share of the pictures whose translation is nearer to the pair than the picture was


@torch.inference_mode()
def closeness(
    translate: Callable[[Tensor], Tensor], pictures: Tensor, pairs: Tensor, *, reference: Tensor, batch: int = 100
) -> Closeness:
    """Score a translation on held-out pairs.

    Args:
        translate: from `(B, C, H, W)` in [-1, 1] to as much.
        pictures: `(N, C, H, W)` in [-1, 1].
        pairs: `(N, C, H, W)`, the true translation of each.
        reference: `(M, C, H, W)`, the pictures in the other manner that a translator could learn from.
        batch: pictures to translate at once.

    Raises:
        ValueError: the pictures and their pairs differ in shape, or there are none.
    """
    if pictures.shape != pairs.shape or not len(pictures):
        raise ValueError(f"every picture needs its pair, got {tuple(pictures.shape)} and {tuple(pairs.shape)}")
    translated = torch.cat([translate(some) for some in pictures.split(batch)])
    ours, unchanged = distance(translated, pairs), distance(pictures, pairs)
    return Closeness(
        ours.mean().item(),
        unchanged.mean().item(),
        distance(recoloured(pictures, reference), pairs).mean().item(),
        (ours < unchanged).float().mean().item(),
    )


def distance(pictures: Tensor, pairs: Tensor) -> Tensor:
    """The mean absolute difference of each pair `(N,)`, where pictures span [-1, 1]: 0 to 1."""
    return (pictures - pairs).abs().mean(dim=(1, 2, 3)) / 2


def recoloured(pictures: Tensor, reference: Tensor) -> Tensor:
    """Give each picture the mean and deviation of each colour that the pictures of another set have on average.

    Args:
        pictures: `(N, C, H, W)` in [-1, 1].
        reference: `(M, C, H, W)`.

    Returns:
        As many as `pictures`, clipped to [-1, 1]; a colour that is the same everywhere only moves.
    """
    (mean, deviation), (their_mean, their_deviation) = _moments(pictures), _moments(reference)
    scale = their_deviation.mean(dim=0) / deviation.clamp(min=1e-3)
    return ((pictures - mean) * scale + their_mean.mean(dim=0)).clamp(-1, 1)


def _moments(pictures: Tensor) -> tuple[Tensor, Tensor]:
    deviation, mean = torch.std_mean(pictures, dim=(2, 3), keepdim=True, correction=0)
    return mean, deviation
