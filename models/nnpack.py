"""NNPACK's convolutions for single pictures on CPUs; torch brings them along but keeps them for batches from 16 up.

By Fourier and Winograd transforms a 3 × 3 convolution of many channels over a large picture takes 0.4 to 0.7 of the
plain one's time. oneDNN, which torch uses instead, has such transforms for AVX-512 only.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

# Channels in × out, and pixels from which they win: every call transforms the kernels anew, which must pay.
WORTH = ((2**14, 2_000), (2**12, 30_000))


class Convolution(nn.Module):
    """A convolution of `vgg.conv3x3`'s kind whose weights are fixed; its input may still want a gradient.

    Args:
        convolution: whose weights it takes.
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        assert convolution.bias is not None
        self.register_buffer("weight", convolution.weight.detach().contiguous())
        self.register_buffer("bias", convolution.bias.detach())
        self._backward: Tensor | None = None  # made by the first backward pass; most networks never see one

    def forward(self, pictures: Tensor) -> Tensor:
        """Return `(B, O, H, W)` of `(B, I, H, W)`."""
        padded = F.pad(pictures, (1, 1, 1, 1), mode="reflect")
        if not self._wins(pictures):
            return F.conv2d(padded, self.weight, self.bias)
        if not (torch.is_grad_enabled() and padded.requires_grad):
            return torch._nnpack_spatial_convolution(padded.contiguous(), self.weight, self.bias, padding=0)
        if self._backward is None:
            self._backward = self.weight.flip(2, 3).transpose(0, 1).contiguous()
        return _Convolve.apply(padded, self.weight, self.bias, self._backward)

    def _wins(self, pictures: Tensor) -> bool:
        if pictures.device.type != "cpu" or pictures.dtype != torch.float32 or not available():
            return False
        channels, pixels = self.weight.shape[0] * self.weight.shape[1], pictures.shape[-2] * pictures.shape[-1]
        return any(channels >= least and pixels >= enough for least, enough in WORTH)


class _Convolve(torch.autograd.Function):
    """The gradient of a convolution is a convolution with the kernels turned round."""

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
    """Whether this build of torch and this processor have it; the first call also makes it ready."""
    return bool(torch._nnpack_available())


def quicken(network: nn.Module) -> None:
    """Put NNPACK in the place of each convolution that wins by it.

    Args:
        network: its convolutions are `vgg.conv3x3`; its weights are fixed from then on. In half precision, on
            another device than a CPU, and where there is no NNPACK, it computes as before.
    """
    for name, module in list(network.named_children()):
        if isinstance(module, nn.Conv2d) and _wide(module):
            network.add_module(name, Convolution(module))


def _wide(module: nn.Conv2d) -> bool:
    return module.kernel_size == (3, 3) and module.in_channels * module.out_channels >= WORTH[-1][0]
