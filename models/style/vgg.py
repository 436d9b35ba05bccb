"""VGG-19 as a source of features (Simonyan & Zisserman, 2015), up to relu5_1.

The normalised variant of Gatys et al. (2016): each filter's mean activation over images is 1, so that no layer
outweighs another. Its convolutions pad by reflection, as AdaIN needs (Huang & Belongie, 2017, section 6.1).
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.pretrained import Pretrained

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 1))  # (channels, convolutions), a max-pool between blocks
LAYERS = tuple(f"relu{block}_{i}" for block, (_, count) in enumerate(BLOCKS, 1) for i in range(1, count + 1))


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

    def forward(self, pictures: Tensor, layers: Iterable[str], *, waking: Container[str] = ()) -> dict[str, Tensor]:
        """Compute the features of some layers, running no deeper than the deepest of them.

        Args:
            pictures: `(B, 3, H, W)` in [0, 1], of at least `min_side(layer)` pixels a side for each layer.
            layers: names out of `LAYERS`.
            waking: those of them whose gradient is to reach filters that are silent and ought to sound; see `Wake`.

        Returns:
            For each layer, in the network's order, `(B, C, ceil(H / s), ceil(W / s))`, s = 2^(block - 1).

        Raises:
            ValueError: a layer is unknown, or the pictures are too small for it.
        """
        wanted = set(layers)
        if unknown := wanted - set(LAYERS):
            raise ValueError(f"VGG-19 has no layer {min(unknown)!r}; it has {', '.join(LAYERS)}")
        side = min(pictures.shape[-2:])
        for layer in LAYERS:
            if layer in wanted and side < min_side(layer):
                raise ValueError(f"{layer} needs at least {min_side(layer)} pixels a side, got {side}")
        features: dict[str, Tensor] = {}
        x = pictures
        for layer in LAYERS:
            if len(features) == len(wanted):
                break
            if layer == "relu1_1":
                x = self.colour(x)
            elif layer.endswith("_1"):
                x = F.max_pool2d(x, 2, ceil_mode=True)
            convolution = self.get_submodule(layer.replace("relu", "conv"))
            x = convolution(x)
            if layer in wanted and layer in waking:
                features[layer] = Wake.apply(x)
                x = F.relu(x)
                continue
            x = F.relu(x, inplace=True)  # overwrites the convolution's output, which nobody holds
            if layer in wanted:
                features[layer] = x
        return features


class Wake(torch.autograd.Function):
    """A rectifier that lets a gradient pass to a silent filter if it would raise it.

    A filter that has fallen silent everywhere around a place has no gradient, however far it is from where it should
    be: at relu4_2 single ones stand at two hundred times the mean, and whoever paints over them has no way back.
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
        return torch.where((x > 0) | (gradient < 0), gradient, 0.0)


def min_side(layer: str) -> int:
    """The fewest pixels a side from which `layer` has two, what reflection padding needs."""
    return stride(layer) + 1


def stride(layer: str) -> int:
    """Pixels from one place of `layer` to the next."""
    return 2 ** (int(layer[len("relu")]) - 1)


def reach(layer: str) -> int:
    """How many pixels around a place of `layer` its value depends on."""
    block, index = (int(number) for number in layer.removeprefix("relu").split("_"))
    pixels = index  # a convolution sees one place further
    for _, convolutions in reversed(BLOCKS[: block - 1]):
        pixels = 2 * pixels + 1 + convolutions  # pooling makes one place of two
    return pixels


def conv3x3(inner: int, outer: int) -> nn.Conv2d:
    """A convolution that keeps the size and reflects the picture at its border."""
    return nn.Conv2d(inner, outer, 3, padding=1, padding_mode="reflect")
