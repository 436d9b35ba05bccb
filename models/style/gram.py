"""Gram matrices: how strongly any two filters respond at the same places, the style of Gatys et al. (2016).

A layer's features F, C filters over M = H · W places, become the C × C matrix

    G = F Fᵀ / M,

each entry the mean product of two filters' activations. With a mask T in [0, 1] it is a guided Gram matrix (Gatys et
al., 2017), the mean over the masked places alone: G = F diag(T) Fᵀ / Σ T. Places drop out, so pictures of any two sizes
compare.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from models.style.layers import STYLE_LAYERS
from models.style.vgg import VGG19


def gram(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return the Gram matrices `(B, C, C)` of features `(B, C, H, W)`, divided by the number of places.

    Args:
        features: of one layer.
        mask: `(1, 1, H, W)` in [0, 1], how much each place counts; None counts all alike.

    Raises:
        ValueError: the mask is empty.
    """
    total = features.shape[-2] * features.shape[-1] if mask is None else mask.sum()
    if not total > 0:
        raise ValueError("the mask is empty: nothing is left to take the style of")
    return products(features, mask) / total


def products(features: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return what `gram` divides: the sums over the places, `(B, C, C)`, which add up from tile to tile.

    In float32 or more, whatever the features are in.
    """
    columns = features.flatten(2)  # (B, C, M), without a copy
    if mask is None:
        return _Products.apply(columns)
    columns = _wide(columns)
    return (columns * mask.flatten(2)) @ columns.mT


class _Products(torch.autograd.Function):
    """F Fᵀ, whose gradient (S + Sᵀ) F is one product where autograd makes two and adds them."""

    @staticmethod
    def forward(ctx: Any, columns: Tensor) -> Tensor:
        ctx.save_for_backward(columns)
        if _sums_are_wide(columns.device.type, columns.dtype):
            return torch.bmm(columns, columns.mT, out_dtype=torch.float32)
        wide = _wide(columns)
        return wide @ wide.mT

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> Tensor:
        (columns,) = ctx.saved_tensors
        both = torch.add(slope, slope.mT, out=torch.empty_like(slope, dtype=columns.dtype))
        if columns.mT.is_contiguous():  # channels last, and so for the gradient
            return (columns.mT @ both).mT
        return both @ columns


@functools.cache
def _sums_are_wide(kind: str, dtype: torch.dtype) -> bool:
    """Whether a kind of device multiplies matrices in half precision into float32, without a copy in float32."""
    if kind != "cuda" or dtype.itemsize >= torch.float32.itemsize:
        return False
    try:
        trial = torch.ones(1, 8, 8, device=kind, dtype=dtype)
        torch.bmm(trial, trial, out_dtype=torch.float32)
    except (RuntimeError, TypeError):  # this version of torch, or this device, does not
        return False
    return True


def _wide(columns: Tensor) -> Tensor:
    """A sum of many products does not fit in half precision."""
    return columns.float() if columns.dtype.itemsize < torch.float32.itemsize else columns


def matrices(vgg: VGG19, picture: Tensor, layers: Iterable[str] = STYLE_LAYERS) -> dict[str, Tensor]:
    """Return the Gram matrix `(C, C)` of a picture `(1, 3, H, W)` in [0, 1] at each layer.

    Raises:
        ValueError: a layer is unknown, or the picture is too small for it.
    """
    with torch.inference_mode():
        return {layer: gram(features)[0] for layer, features in vgg(picture, layers).items()}


def shrink(mask: Tensor, size: tuple[int, int] | torch.Size) -> Tensor:
    """Average a mask `(1, 1, H, W)` over the places of a layer of that size."""
    return F.adaptive_avg_pool2d(mask, (size[0], size[1]))


def order(matrix: Tensor) -> Tensor:
    """Indices that put filters which fire together side by side: by the angle in the plane of two eigenvectors.

    The Gram matrix is first scaled to cosines, and the mean direction, which is all but constant, is left out.

    Args:
        matrix: `(C, C)`.

    Returns:
        A permutation of 0 … C - 1, `(C,)`.
    """
    norms = matrix.diagonal().clamp_min(1e-12).sqrt()
    cosines = (matrix / norms / norms[:, None]).double()
    _, vectors = torch.linalg.eigh(cosines)  # eigenvalues ascend
    return torch.atan2(vectors[:, -2], vectors[:, -3]).argsort()


def for_display(matrix: Tensor, *, like: Tensor) -> Tensor:
    """Scale a Gram matrix for the eye: fourth root of each entry, so that rare pairs show, 1 the strongest of `like`.

    Args:
        matrix: `(C, C)`, not negative, as rectified features have it.
        like: `(C, C)`, what is compared with, usually the style's; give all of one layer the same.

    Returns:
        `(C, C)` in [0, 1].
    """
    return (matrix / like.max().clamp_min(1e-12)).clamp(0, 1) ** 0.25
