"""Whose colours the result has: the content's kept, or only the style's taken.

Luminance transfer and colour matching as in Gatys et al., 'Preserving color in neural artistic style transfer' (2016).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

# NTSC: RGB -> Y, I, Q
YIQ = ((0.299, 0.587, 0.114), (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135))
RIDGE = 1e-6  # keeps the covariance of a picture of one colour from being singular


def luminance(pictures: Tensor) -> Tensor:
    """The Y of YIQ of pictures `(B, 3, H, W)` in [0, 1]: `(B, 1, H, W)`."""
    return _turned(pictures, _matrix(pictures))[:, :1]


def chroma(pictures: Tensor) -> Tensor:
    """The I and Q of YIQ, `(B, 2, H, W)`."""
    return _turned(pictures, _matrix(pictures))[:, 1:]


def keep_colours(result: Tensor, content: Tensor) -> Tensor:
    """Take only the luminance from the result and the chroma from the content, both `(B, 3, H, W)` in [0, 1].

    Where that is no colour of a screen, the chroma is weakened until it is one; the luminance stands.
    """
    bright = luminance(result)
    mixed = _turned(torch.cat([bright, chroma(content)], dim=1), torch.linalg.inv(_matrix(result)))
    away = mixed - bright  # the grey of the same luminance is `bright` in each channel
    room = torch.where(away > 0, 1 - bright, bright).clamp(min=0)
    fits = (room / away.abs().clamp(min=1e-6)).amin(dim=1, keepdim=True).clamp(max=1)
    return (bright + away * fits).clamp(0, 1)


def match_colours(source: Tensor, target: Tensor) -> Tensor:
    """Give one picture the mean and covariance of another's colours, by the symmetric map (section 4.1).

    Args:
        source: `(1, 3, H, W)` in [0, 1], such as the painting before it is encoded.
        target: `(1, 3, h, w)` in [0, 1], such as the photograph.

    Returns:
        A picture of the source's size in [0, 1].
    """
    return moved(source, *statistics(target)).clamp(0, 1)


def moved(source: Tensor, mean: Tensor, covariance: Tensor, *, most: float | None = None) -> Tensor:
    """Give a picture colours of another mean and covariance, without keeping them within [0, 1].

    Args:
        source: `(1, 3, H, W)`.
        mean: `(1, 3, 1, 1)`, as `statistics` returns it.
        covariance: `(3, 3)`, the same.
        most: by how much contrasts may grow: a photograph that is nearly of one colour would show its noise. None lets
            them grow at will.
    """
    own_mean, own = statistics(source)
    root, back = _power(own, 0.5), _power(own, -0.5)
    turn = back @ _power(root @ covariance @ root, 0.5) @ back  # the optimal transport between two Gaussians
    if most is not None:
        values, vectors = torch.linalg.eigh(turn)
        turn = vectors @ torch.diag(values.clamp(max=most)) @ vectors.T
    shift = mean.flatten() - turn @ own_mean.flatten()
    return F.conv2d(source, turn.to(source.dtype)[..., None, None], shift.to(source.dtype))


def statistics(picture: Tensor) -> tuple[Tensor, Tensor]:
    """The mean `(1, 3, 1, 1)` and covariance `(3, 3)` of the colours of a picture `(1, 3, H, W)`, in float64."""
    colours = picture[0].double().flatten(1)  # (3, H * W)
    covariance = torch.cov(colours, correction=0) + RIDGE * torch.eye(3, dtype=colours.dtype, device=colours.device)
    return colours.mean(1).view(1, 3, 1, 1), covariance


def _matrix(pictures: Tensor) -> Tensor:
    return torch.tensor(YIQ, dtype=pictures.dtype, device=pictures.device)


def _turned(pictures: Tensor, matrix: Tensor) -> Tensor:
    return torch.einsum("ij,bjhw->bihw", matrix, pictures)


def _power(symmetric: Tensor, exponent: float) -> Tensor:
    values, vectors = torch.linalg.eigh(symmetric)
    return vectors @ torch.diag(values.clamp(min=1e-12) ** exponent) @ vectors.T
