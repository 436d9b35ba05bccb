"""VGG-19 and AdaIN's decoder in one precision and one layout, from the picture to the last layer.

As plain modules they reflect the border by a kernel that only knows contiguous tensors, so each layer changes the
layout twice; and autocast converts weights and features at each layer. On an H200 these copies took more time than the
convolutions. Here every tensor is channels last, in one precision, and each rectifier writes into the padded input of
the next convolution.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.style.adain import Decoder
from models.style.layers import LAYERS
from models.style.vgg import VGG19, ReviveReLU, layers_to_deepest

CENTRE = 0.5  # taken off a picture in [0, 1], so that half precision resolves dark and light alike
UPSAMPLED = {"conv3_4", "conv2_2", "conv1_2"}  # the decoder doubles the size in front of these
DECODER = ("conv4_1", "conv3_4", "conv3_3", "conv3_2", "conv3_1", "conv2_2", "conv2_1", "conv1_2", "conv1_1")


class StaticVGG19(nn.Module):
    """VGG-19's features, in one precision; the first convolution has taken in the colours' transformation.

    Args:
        vgg: on the device to compute on.
        dtype: of the kernels and features.
    """

    def __init__(self, vgg: VGG19, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        with torch.no_grad():
            colour, shift = vgg.colour.weight.flatten(1), vgg.colour.bias
            assert shift is not None
            for layer in LAYERS:
                weight, bias = _kernel(vgg, layer.replace("relu", "conv"))
                if layer == LAYERS[0]:  # of a picture less CENTRE
                    bias = bias + torch.einsum("oikl,i->o", weight, shift + CENTRE * colour.sum(1))
                    weight = torch.einsum("oikl,ij->ojkl", weight, colour)
                _keep(self, layer, weight, bias, dtype)

    def forward(self, pictures: Tensor, layers: Iterable[str], *, revive: Container[str] = ()) -> dict[str, Tensor]:
        """See `VGG19.forward`; the features are in `dtype`, channels last."""
        wanted = set(layers)
        features: dict[str, Tensor] = {}
        maps = pictures
        for layer in layers_to_deepest(pictures, wanted):
            if layer == LAYERS[0]:
                padded = _Entered.apply(pictures, self.dtype)
            elif layer.endswith("_1"):  # the largest of four, rectified, is the largest of four rectified ones
                padded = _Padded.apply(F.max_pool2d(maps, 2, ceil_mode=True), True)
            else:
                padded = _Padded.apply(maps, True)
            maps = _convolved(self, layer, padded)
            if layer in wanted and layer in revive:
                features[layer] = ReviveReLU.apply(maps)
            elif layer in wanted:
                maps = features[layer] = F.relu(maps, inplace=True)  # overwrites what nobody holds
        return features


class StaticDecoder(nn.Module):
    """AdaIN's decoder, in one precision.

    Args:
        decoder: on the device to compute on.
        dtype: of the kernels and the picture.
    """

    def __init__(self, decoder: Decoder, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        with torch.no_grad():
            for name in DECODER:
                _keep(self, name, *_kernel(decoder, name), dtype)

    def forward(self, features: Tensor) -> Tensor:
        """See `Decoder.forward`; features in any precision, the pictures are in `dtype`."""
        maps = features.new_empty(0)
        for name in DECODER:
            if name == DECODER[0]:
                padded = _padded(features, self.dtype, rectify=False)
            elif name in UPSAMPLED:
                padded = _padded(F.interpolate(maps, scale_factor=2, mode="nearest"), self.dtype, rectify=True)
            else:
                padded = _padded(maps, self.dtype, rectify=True)
            maps = _convolved(self, name, padded)
        return maps


class _Entered(torch.autograd.Function):
    """A picture `(B, 3, H, W)` in [0, 1] as the first convolution takes it: centred, padded, in its precision."""

    @staticmethod
    def forward(ctx: Any, pictures: Tensor, dtype: torch.dtype) -> Tensor:
        ctx.dtype = pictures.dtype
        padded = _empty(pictures, dtype)
        torch.sub(pictures, CENTRE, out=padded[..., 1:-1, 1:-1])
        return _reflect(padded)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        inner = _fold(gradient)
        return torch.mul(inner, 1, out=torch.empty(inner.shape, dtype=ctx.dtype, device=inner.device)), None


class _Padded(torch.autograd.Function):
    """Features `(B, C, H, W)`, rectified and with a reflected border: `(B, C, H + 2, W + 2)`, channels last."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, rectify: bool) -> Tensor:
        padded = _padded(maps, maps.dtype, rectify=rectify)
        ctx.save_for_backward(padded)
        return padded

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (padded,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(_fold(gradient), padded[..., 1:-1, 1:-1], 0), None


def _padded(maps: Tensor, dtype: torch.dtype, *, rectify: bool) -> Tensor:
    padded = _empty(maps, dtype)
    if rectify:
        torch.clamp(maps, min=0, out=padded[..., 1:-1, 1:-1])
    else:
        torch.mul(maps, 1, out=padded[..., 1:-1, 1:-1])
    return _reflect(padded)


def _empty(maps: Tensor, dtype: torch.dtype) -> Tensor:
    count, channels, height, width = maps.shape
    return torch.empty(
        count, channels, height + 2, width + 2, dtype=dtype, device=maps.device, memory_format=torch.channels_last
    )


def _reflect(padded: Tensor) -> Tensor:
    """Fill the border of `(B, C, H + 2, W + 2)` with what lies at two places from it, in place."""
    padded[..., 0, 1:-1].copy_(padded[..., 2, 1:-1])
    padded[..., -1, 1:-1].copy_(padded[..., -3, 1:-1])
    padded[..., 0].copy_(padded[..., 2])
    padded[..., -1].copy_(padded[..., -3])
    return padded


def _fold(gradient: Tensor) -> Tensor:
    """Undo `_reflect` for a gradient: the border's share goes to where it came from; a view without the border.

    In place: the gradient is a convolution's, which nobody else holds.
    """
    gradient[..., 2].add_(gradient[..., 0])
    gradient[..., -3].add_(gradient[..., -1])
    gradient[..., 2, 1:-1].add_(gradient[..., 0, 1:-1])
    gradient[..., -3, 1:-1].add_(gradient[..., -1, 1:-1])
    return gradient[..., 1:-1, 1:-1]


def _kernel(network: nn.Module, name: str) -> tuple[Tensor, Tensor]:
    convolution: Any = network.get_submodule(name)
    return convolution.weight.detach(), convolution.bias.detach()


def _keep(network: nn.Module, name: str, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> None:
    network.register_buffer(f"{name}_weight", weight.to(dtype, memory_format=torch.channels_last))
    network.register_buffer(f"{name}_bias", bias.to(dtype))


def _convolved(network: nn.Module, name: str, padded: Tensor) -> Tensor:
    return F.conv2d(padded, network.get_buffer(f"{name}_weight"), network.get_buffer(f"{name}_bias"))
