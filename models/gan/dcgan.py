"""DCGAN: a generator and a discriminator made of strided convolutions (Radford et al., 2016).

The first and last layers have forms of their own below, which a CPU computes several times faster. A picture has one or
three channels, too few to fill a CPU's vectors. So a 4 × 4 convolution with stride 2 becomes one of 2 × 2 over blocks
of 2 × 2 pixels with four times the channels, and one that covers the whole input becomes a matrix product. The results
are the same, and each layer's state dict is that of the convolution it replaces.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained

BLOCK = 2  # pixels a side
EARLY = 6  # modules: two layers, each with its batch norm and ReLU


class Generator(Pretrained, pipeline_tag="unconditional-image-generation", tags=["gan"]):
    """Map a latent vector to a picture; the size doubles with each transposed convolution.

    A continuous map of a Gaussian has no gaps, so between two kinds of picture it draws some that are neither. With
    `modes`, the position of the largest of the first numbers of z is a further input, one-hot: z stays Gaussian, all
    modes are equally likely, and the picture may jump from one mode to the next (Khayatkhoei et al., 2018).

    Args:
        z_dim: length of the latent vector.
        width: channels in front of the last layer; each earlier layer has twice as many.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 8.
        modes: how many of the first numbers of z choose the mode; 0 leaves the map continuous.
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

    @property
    def mode_length(self) -> float:
        """The value of the chosen mode's input: about as long as z itself, for training takes longer to use less."""
        return 2 * (self.z_dim / self.modes) ** 0.5 if self.modes else 0.0

    def forward(self, z: Tensor) -> Tensor:
        """Draw pictures `(B, channels, size, size)` in [-1, 1] from latents `z` `(B, z_dim)`."""
        return self.layers(self.inputs(z))

    def early(self, z: Tensor) -> Tensor:
        """What the first two layers make of latents `z` `(B, z_dim)`: maps `(B, channels, 8, 8)`."""
        return self.layers[:EARLY](self.inputs(z))

    def inputs(self, z: Tensor) -> Tensor:
        """The first layer's input `(B, numbers, 1, 1)`."""
        if self.modes:
            first = z[:, : self.modes].detach()
            # not F.one_hot: it reads its numbers on the host, and makes integers that are to be converted
            mode = torch.zeros_like(first).scatter_(1, first.argmax(dim=1, keepdim=True), self.mode_length)
            z = torch.cat([z, mode], dim=1)
        return z[:, :, None, None]


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


class FromPicture(nn.Conv2d):
    """The discriminator's first layer: 4 × 4 with stride 2, from a picture's few channels.

    Args:
        channels: of the picture.
        width: channels of the output.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__(channels, width, 2 * BLOCK, stride=BLOCK, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return `(B, width, H / 2, W / 2)` of pictures `(B, channels, H, W)`."""
        if pictures.device.type != "cpu":
            return super().forward(pictures)
        blocks = F.pixel_unshuffle(F.pad(pictures, (1, 1, 1, 1)), BLOCK)  # (B, 4 channels, H / 2 + 1, W / 2 + 1)
        return F.conv2d(blocks, F.pixel_unshuffle(self.weight, BLOCK), self.bias)


class ToPicture(nn.ConvTranspose2d):
    """The generator's last layer: transposed 4 × 4 with stride 2, to a picture's few channels.

    Args:
        width: channels of the input.
        channels: of the picture.
    """

    def __init__(self, width: int, channels: int) -> None:
        super().__init__(width, channels, 2 * BLOCK, stride=BLOCK, padding=1)

    def forward(self, maps: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Return `(B, channels, 2 H, 2 W)` of `maps` `(B, width, H, W)`."""
        if maps.device.type != "cpu":
            return super().forward(maps, output_size)
        assert self.bias is not None
        blocks = F.conv_transpose2d(maps, F.pixel_unshuffle(self.weight, BLOCK))  # (B, 4 channels, H + 1, W + 1)
        return F.pixel_shuffle(blocks, BLOCK)[:, :, 1:-1, 1:-1] + self.bias[:, None, None]


class FromLatent(nn.ConvTranspose2d):
    """The generator's first layer: from a latent vector to `side` × `side`, without a bias.

    Args:
        numbers: length of the latent vector.
        width: channels of the output.
        side: of the output.
    """

    def __init__(self, numbers: int, width: int, side: int) -> None:
        super().__init__(numbers, width, side, bias=False)

    def forward(self, z: Tensor, output_size: list[int] | None = None) -> Tensor:  # noqa: ARG002 (torch's signature)
        """Return `(B, width, side, side)` of `z` `(B, numbers, 1, 1)`."""
        weight = self.weight.permute(0, 2, 3, 1)  # channels last, as the next layer takes them
        return (z.flatten(1) @ weight.flatten(1)).unflatten(1, weight.shape[1:]).permute(0, 3, 1, 2)


class ToVerdict(nn.Conv2d):
    """The discriminator's last layer: from `side` × `side` to one number.

    Args:
        width: channels of the input.
        side: of the input.
    """

    def __init__(self, width: int, side: int) -> None:
        super().__init__(width, 1, side)

    def forward(self, maps: Tensor) -> Tensor:
        """Return `(B, 1)` of `maps` `(B, width, side, side)`."""
        flat, weight = (x.permute(0, 2, 3, 1).flatten(1) for x in (maps, self.weight))
        return F.linear(flat, weight, self.bias)


def doublings(size: int) -> int:
    """How many doublings lead from 4 pixels to `size`.

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
