"""VGG-19 as a source of features (Simonyan & Zisserman, 2015), up to relu5_1.

The normalised variant of Gatys et al. (2016): each filter's mean activation over images is 1, so that no layer
outweighs another. Its convolutions pad by reflection, as AdaIN needs (Huang & Belongie, 2017, section 6.1).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.pretrained import Pretrained
from models.style.layers import BLOCKS, LAYERS, min_side


class VGG19(Pretrained, pipeline_tag="image-feature-extraction", tags=["style-transfer"]):
    """The feature extractor; one convolution per name, `conv1_1` … `conv5_1`."""

    architecture = "vgg19"

    def __init__(self) -> None:
        super().__init__()
        self.colour = nn.Conv2d(3, 3, 1)  # RGB in [0, 1] -> BGR in 0 … 255, less the mean of the training pictures
        channels = 3
        for block, (width, count) in enumerate(BLOCKS, 1):
            for i in range(1, count + 1):
                self.add_module(f"conv{block}_{i}", conv3x3(channels, width))
                channels = width

    def forward(self, pictures: Tensor, layers: Iterable[str], *, revive: Container[str] = ()) -> dict[str, Tensor]:
        """Compute the features of some layers, running no deeper than the deepest of them.

        Args:
            pictures: `(B, 3, H, W)` in [0, 1], of at least `min_side(layer)` pixels a side for each layer.
            layers: names out of `LAYERS`.
            revive: those whose gradient also reaches filters that are silent and ought to fire (`ReviveReLU`).

        Returns:
            For each layer, in the network's order, `(B, C, ceil(H / s), ceil(W / s))`, s = 2^(block - 1).

        Raises:
            ValueError: a layer is unknown, or the pictures are too small for it.
        """
        wanted = set(layers)
        features: dict[str, Tensor] = {}
        x = pictures
        for layer in layers_to_deepest(pictures, wanted):
            if layer == LAYERS[0]:
                x = self.colour(x)
            elif layer.endswith("_1"):
                x = F.max_pool2d(x, 2, ceil_mode=True)
            convolution = self.get_submodule(layer.replace("relu", "conv"))
            x = convolution(x)
            if layer in wanted and layer in revive:
                features[layer] = ReviveReLU.apply(x)
                x = F.relu(x)
                continue
            x = F.relu(x, inplace=True)  # overwrites the convolution's output, which nobody holds
            if layer in wanted:
                features[layer] = x
        return features


def layers_to_deepest(pictures: Tensor, wanted: AbstractSet[str]) -> Sequence[str]:
    """The layers from the first to the deepest of those that are wanted of pictures.

    Raises:
        ValueError: VGG-19 does not have a wanted layer, or the pictures are too small for it; the message names it.
    """
    if unknown := wanted - set(LAYERS):
        raise ValueError(f"VGG-19 has no layer {min(unknown)!r}; it has {', '.join(LAYERS)}")
    side = min(pictures.shape[-2:])
    for layer in LAYERS:
        if layer in wanted and side < min_side(layer):
            raise ValueError(f"{layer} needs at least {min_side(layer)} pixels a side, got {side}")
    return LAYERS[: 1 + max(map(LAYERS.index, wanted), default=-1)]


class ReviveReLU(torch.autograd.Function):
    """A rectifier whose gradient also reaches a silent filter if it would raise it.

    A filter that is silent everywhere around a place has no gradient, however far it is from its target. At relu4_2
    single targets are two hundred times the mean: once painted over, they could not come back.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return max(x, 0)."""
        ctx.save_for_backward(x)
        return F.relu(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        """Pass a gradient on where x is positive or ought to be larger."""
        (x,) = ctx.saved_tensors
        return gradient.masked_fill((x <= 0) & (gradient >= 0), 0.0)


def conv3x3(inner: int, outer: int) -> nn.Conv2d:
    """A convolution that keeps the size and reflects the picture at its border."""
    return nn.Conv2d(inner, outer, 3, padding=1, padding_mode="reflect")
