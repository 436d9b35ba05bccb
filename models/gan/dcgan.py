"""DCGAN: a generator and a discriminator made of strided convolutions (Radford et al., 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from models.gan.cpu_layers import FromLatent, FromPicture, ToPicture, ToVerdict
from models.pretrained import Pretrained


class Generator(Pretrained, pipeline_tag="unconditional-image-generation", tags=["gan"]):
    """Map a latent vector to a picture; the size doubles with each transposed convolution.

    A continuous map of a Gaussian joins all its pictures, so between two kinds of picture it must draw what is neither.
    With `modes`, which of the first numbers of z is the largest goes in as well, one-hot: z stays Gaussian, all modes
    are equally likely, and the picture may jump from one to the next (Khayatkhoei et al., 2018).

    Args:
        z_dim: length of the latent vector.
        width: channels in front of the last layer; each earlier layer has twice as many.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 8.
        modes: how many of the numbers of z vie to be the mode; 0 leaves the map continuous.
    """

    architecture = "dcgan-generator"

    def __init__(self, *, z_dim: int = 64, width: int = 32, channels: int = 1, size: int = 32, modes: int = 0) -> None:
        super().__init__()
        if not 0 <= modes <= z_dim:
            raise ValueError(f"modes must lie in 0 … z_dim = {z_dim}, got {modes}")
        self.z_dim = z_dim
        self.modes = modes
        self.size = size
        levels = doublings(size)
        widest = width * 2 ** (levels - 1)
        layers: list[nn.Module] = [
            FromLatent(z_dim + modes, widest, 4),  # (B, widest, 4, 4)
            nn.BatchNorm2d(widest),
            nn.ReLU(inplace=True),
        ]
        for i in range(levels - 1):
            outer, inner = widest // 2**i, widest // 2 ** (i + 1)
            layers += [
                nn.ConvTranspose2d(outer, inner, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(inner),
                nn.ReLU(inplace=True),
            ]
        layers += [ToPicture(width, channels), nn.Tanh()]
        self.layers = nn.Sequential(*layers)
        self.apply(_initialise)

    @property
    def z_weight(self) -> Tensor:
        """What a unit of each number of z adds to the first layer, `(z_dim, n)`."""
        return self.layers[0].weight[: self.z_dim].flatten(1)  # type: ignore[index]

    def forward(self, z: Tensor) -> Tensor:
        """Draw pictures `(B, channels, size, size)` in [-1, 1] from latents `z` `(B, z_dim)`."""
        if self.modes:
            mode = one_hot(z[:, : self.modes].argmax(dim=1), self.modes).to(z.dtype)
            # as long as z itself, about: a shorter one is learned late
            z = torch.cat([z, mode * 2 * (self.z_dim / self.modes) ** 0.5], dim=1)
        return self.layers(z[:, :, None, None])


class Discriminator(Pretrained, pipeline_tag="image-classification", tags=["gan"]):
    """Score pictures as real (positive) or generated (negative); the mirror of `Generator`.

    Args:
        width: channels after the first layer; each later layer has twice as many.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 8.
        batch_norm: normalise every layer but the first, as the paper does.
    """

    architecture = "dcgan-discriminator"

    def __init__(self, *, width: int = 32, channels: int = 1, size: int = 32, batch_norm: bool = True) -> None:
        super().__init__()
        levels = doublings(size)
        layers: list[nn.Module] = [FromPicture(channels, width), nn.LeakyReLU(0.2, inplace=True)]
        for i in range(levels - 1):
            inner, outer = width * 2**i, width * 2 ** (i + 1)
            layers.append(nn.Conv2d(inner, outer, 4, stride=2, padding=1, bias=not batch_norm))
            if batch_norm:
                layers.append(nn.BatchNorm2d(outer))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
        layers.append(ToVerdict(width * 2 ** (levels - 1), 4))  # (B, 1)
        self.layers = nn.Sequential(*layers)
        self.apply(_initialise)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits `(B,)` for pictures `(B, channels, size, size)` in [-1, 1]."""
        return self.layers(pictures).flatten()


def doublings(size: int) -> int:
    """How often 4 pixels are doubled to get `size`.

    Raises:
        ValueError: it is no power of two, or below 8.
    """
    if size < 8 or size & (size - 1):
        raise ValueError(f"size must be a power of two of at least 8, got {size}")
    return size.bit_length() - 3  # from 4 x 4 up to size x size


def _initialise(module: nn.Module) -> None:
    """Weights from N(0, 0.02) as in section 4 of the paper."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
