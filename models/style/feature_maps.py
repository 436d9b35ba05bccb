"""Where a layer's filters fire: what the network sees in a picture."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models.style.vgg import VGG19


class FeatureMap(NamedTuple):
    """One filter's answer to a picture."""

    filter: int  # its number in the layer
    mean: float  # its activation over the picture; over many pictures each filter's mean is 1
    map: Tensor  # (H, W) in [0, 1], 1 where it fires most


@torch.inference_mode()
def strongest(vgg: VGG19, picture: Tensor, layer: str, *, count: int) -> list[FeatureMap]:
    """The filters of a layer that a picture excites most beyond what pictures usually do, strongest first.

    Args:
        vgg: the normalised network, whose filters are comparable.
        picture: `(1, 3, H, W)` in [0, 1].
        layer: a name out of `layers.LAYERS`.
        count: how many at most.

    Raises:
        ValueError: the layer is unknown, the picture too small for it, or the count below 1.
    """
    if count < 1:
        raise ValueError(f"at least 1 feature map must be wanted, got {count}")
    features = vgg(picture, [layer])[layer][0].float()  # (C, h, w)
    means = features.mean((1, 2))
    order = means.argsort(descending=True, stable=True)[:count].tolist()
    peaks = features.amax((1, 2)).clamp_min(1e-12)
    return [FeatureMap(i, float(means[i]), (features[i] / peaks[i]).cpu()) for i in order]
