"""A labelled (conditional) DCGAN, whose label is a part of z, so that whatever moves z can also blend labels.

Mirza & Osindero (2014) give a generator z and, one-hot, the label that its picture should have. Here the last numbers
of z choose the label: their softmax, so sharp that the largest of eight random numbers nearly always takes all. A
sample is then of a random label, and between two labels lies a blend of both.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from models.gan import dcgan

SHARPNESS = 10.0  # of the softmax
LEAST = 1e-3  # share of a label that is taken for none


class Generator(dcgan.Generator, pipeline_tag="unconditional-image-generation", tags=["gan", "conditional-gan"]):
    """Map a latent vector, whose last numbers choose a label, to a picture.

    Args:
        labels: their names, separated by a comma and a space.
        z_dim: length of the latent vector, with a number for each label at its end.
        width: channels in front of the last layer; each earlier layer has twice as many.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 8.
    """

    architecture = "labelled-dcgan-generator"

    def __init__(self, *, labels: str, z_dim: int = 108, width: int = 64, channels: int = 3, size: int = 128) -> None:
        self.labels = tuple(labels.split(", "))
        if len(self.labels) >= z_dim:
            raise ValueError(f"z_dim must exceed the number of labels, {len(self.labels)}, got {z_dim}")
        super().__init__(z_dim=z_dim, width=width, channels=channels, size=size)

    @property
    def z_weight(self) -> Tensor:
        """What a unit of each number of z adds to the first layer, `(z_dim, n)`; nothing where it chooses the label."""
        weight = super().z_weight.clone()
        weight[-len(self.labels) :] = 0
        return weight

    def inputs(self, z: Tensor) -> Tensor:
        """The first layer's input `(B, numbers, 1, 1)`."""
        count = len(self.labels)
        shares = (SHARPNESS * z[:, -count:]).softmax(dim=1)
        return torch.cat([z[:, :-count], shares], dim=1)[:, :, None, None]


def blended(z: Tensor, shares: Sequence[float]) -> Tensor:
    """Give latents the same mix of labels.

    Args:
        z: `(B, z_dim)`.
        shares: of each label, at least 0; they are scaled to sum to 1, and shares below `LEAST` are that large.

    Returns:
        A copy of z in which only the last numbers are others.

    Raises:
        ValueError: a share is negative or not finite, or all are 0.
    """
    wanted = torch.tensor(shares, dtype=torch.float64)
    if not wanted.isfinite().all() or wanted.min() < 0 or wanted.sum() == 0:
        raise ValueError("the shares of the labels must be at least 0, and not all 0")
    wanted = (wanted / wanted.sum()).clamp_min(LEAST)
    blend = z.clone()
    blend[:, -len(shares) :] = (wanted.log() / SHARPNESS).to(z)
    return blend
