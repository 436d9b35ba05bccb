"""Fast 3 × 3 convolutions of single pictures on CPUs, by the NNPACK library inside torch.

NNPACK uses Fourier and Winograd transforms: with many channels and a large picture it takes 0.4 to 0.7 of the time of
the plain convolution. Torch itself uses NNPACK only for batches of 16 and more; for smaller ones it uses oneDNN, which
has such transforms only for AVX-512.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

# (input × output channels, pixels) from which NNPACK is faster: each call transforms the kernels again.
THRESHOLDS = ((2**14, 2_000), (2**12, 30_000))


class Convolution(nn.Module):
    """A convolution made by `vgg.conv3x3`, with fixed weights; gradients still flow to its input.

    Args:
        convolution: the convolution to take the weights from.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        assert convolution.bias is not None
        self.register_buffer("weight", convolution.weight.detach().contiguous())
        self.register_buffer("bias", convolution.bias.detach())
        self._backward: Tensor | None = None  # kernels of the backward pass; computed on first use

    def forward(self, pictures: Tensor) -> Tensor:
        """Return `(B, O, H, W)` from `(B, I, H, W)`."""
        padded = F.pad(pictures, (1, 1, 1, 1), mode="reflect")
        if not self._is_faster(pictures):
            return F.conv2d(padded, self.weight, self.bias)
        if not (torch.is_grad_enabled() and padded.requires_grad):
            return torch._nnpack_spatial_convolution(padded.contiguous(), self.weight, self.bias, padding=0)
        if self._backward is None:
            self._backward = self.weight.flip(2, 3).transpose(0, 1).contiguous()
        return _Convolve.apply(padded, self.weight, self.bias, self._backward)

    def _is_faster(self, pictures: Tensor) -> bool:
        if pictures.device.type != "cpu" or pictures.dtype != torch.float32 or not available():
            return False
        channels, pixels = self.weight.shape[0] * self.weight.shape[1], pictures.shape[-2] * pictures.shape[-1]
        return any(channels >= min_channels and pixels >= min_pixels for min_channels, min_pixels in THRESHOLDS)


class _Convolve(torch.autograd.Function):
    """The NNPACK convolution with its gradient: a convolution with the kernels rotated by 180 degrees."""

    @staticmethod
    def forward(ctx: Any, padded: Tensor, weight: Tensor, bias: Tensor, backward: Tensor) -> Tensor:
        ctx.save_for_backward(backward)
        return torch._nnpack_spatial_convolution(padded.contiguous(), weight, bias, padding=0)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (weight,) = ctx.saved_tensors
        return torch._nnpack_spatial_convolution(gradient.contiguous(), weight, None, padding=2), None, None, None


@functools.cache
def available() -> bool:
    """Whether this build of torch and this processor have NNPACK; the first call also initialises it."""
    return bool(torch._nnpack_available())


def quicken(network: nn.Module) -> None:
    """Replace each convolution that has enough channels by NNPACK's, in place; the weights become fixed.

    Args:
        network: with convolutions made by `vgg.conv3x3`. In half precision, on other devices than a CPU, and where
            there is no NNPACK, it computes as before.
    """
    for name, module in list(network.named_children()):
        if isinstance(module, nn.Conv2d) and _wide(module):
            network.add_module(name, Convolution(module))


def _wide(module: nn.Conv2d) -> bool:
    return module.kernel_size == (3, 3) and module.in_channels * module.out_channels >= THRESHOLDS[-1][0]
