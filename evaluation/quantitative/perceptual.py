"""Features of VGG-19 for a second Fréchet distance, by a network that learned from photographs and not from our data.

Distances between features of such networks agree with people's judgement of pairs of pictures better than distances
between pixels (Zhang et al., 'The unreasonable effectiveness of deep features as a perceptual metric', 2018). Averaged
over the picture they say what is in it, not where.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from models.style.vgg import VGG19

LAYER = "relu4_1"  # 512 features; the deepest layer that has several places in a picture of 32 pixels


@torch.inference_mode()
def features(network: VGG19, batches: Iterable[Tensor]) -> Tensor:
    """Compute the mean over the picture of each feature of `LAYER`.

    Args:
        network: on the pictures' device.
        batches: pictures `(B, 1 or 3, H, W)` in [-1, 1], of at least 9 pixels a side; grey ones count as colour.

    Returns:
        `(N, 512)`, all at least 0, on the CPU.
    """
    parts = []
    for pictures in batches:
        colour = (pictures.expand(-1, 3, -1, -1) + 1) / 2
        parts.append(network(colour.clamp(0, 1), [LAYER])[LAYER].mean(dim=(2, 3)).cpu())
    return torch.cat(parts)
