"""Distance of a translated picture to its true pair, beside two simple baselines.

The baselines are the unchanged picture, and the picture with the colour statistics of the other set. CycleGAN's own
data sets have no true pairs, so they do not allow this score.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class PairDistances(NamedTuple):
    """Mean absolute differences to the true pair, 0 to 1 of the pictures' range; less is nearer."""

    translated: float
    identity: float  # the picture itself
    recoloured: float  # the picture with the other set's colour statistics
    wins: float  # share of the pictures whose translation is nearer to the pair than the picture was


@torch.inference_mode()
def pair_distances(
    translate: Callable[[Tensor], Tensor], pictures: Tensor, pairs: Tensor, *, reference: Tensor, batch: int = 100
) -> PairDistances:
    """Score a translation on held-out pairs.

    Args:
        translate: from `(B, C, H, W)` in [-1, 1] to the same shape and range.
        pictures: `(N, C, H, W)` in [-1, 1].
        pairs: `(N, C, H, W)`, the true translation of each.
        reference: `(M, C, H, W)`, the training pictures of the other set.
        batch: pictures in one batch.

    Raises:
        ValueError: the pictures and their pairs differ in shape, or there are none.
    """
    if pictures.shape != pairs.shape or not len(pictures):
        raise ValueError(f"every picture needs its pair, got {tuple(pictures.shape)} and {tuple(pairs.shape)}")
    translated = torch.cat([translate(part) for part in pictures.split(batch)])
    ours, unchanged = distance(translated, pairs), distance(pictures, pairs)
    return PairDistances(
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
