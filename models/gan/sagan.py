"""SAGAN: residual blocks, and one self-attention layer in which every place looks at all others (Zhang et al., 2019).

Both networks are trained under spectral normalisation (`models.gan.training.spectral`) and saved without.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.gan.dcgan import doublings
from models.pretrained import Pretrained


class SelfAttention(nn.Module):
    """Add to each place a weighted sum over the places it attends to, times gamma, which starts at 0.

    Args:
        width: channels, at least 8.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        if width < 8:
            raise ValueError(f"width must be at least 8, got {width}")
        self.query, self.key = (nn.Conv2d(width, width // 8, 1, bias=False) for _ in range(2))
        self.value = nn.Conv2d(width, width // 2, 1, bias=False)
        self.out = nn.Conv2d(width // 2, width, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """`(B, width, H, W)` -> same shape."""
        attended = self.maps(x) @ F.max_pool2d(self.value(x), 2).flatten(2).transpose(1, 2)  # (B, HW, width / 2)
        return x + self.gamma * self.out(attended.transpose(1, 2).unflatten(2, x.shape[2:]))

    def maps(self, x: Tensor) -> Tensor:
        """Where each place looks: `(B, HW, HW / 4)`, shares of cells of 2 × 2 (as in the authors' code)."""
        query, key = self.query(x).flatten(2), F.max_pool2d(self.key(x), 2).flatten(2)
        return (query.transpose(1, 2) @ key).softmax(dim=2)


class Generator(Pretrained, pipeline_tag="unconditional-image-generation", tags=["gan", "sagan"]):
    """Map a latent vector to a picture; the size doubles with each residual block.

    Args:
        z_dim: length of the latent vector.
        width: channels of every block, at least 8.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 16.
    """

    architecture = "sagan-generator"

    def __init__(self, *, z_dim: int = 128, width: int = 64, channels: int = 3, size: int = 32) -> None:
        super().__init__()
        self.z_dim = z_dim
        self.size = size
        self.first = nn.Linear(z_dim, width * 4 * 4)
        self.before = nn.Sequential(*(_Up(width) for _ in range(_smaller(size))))
        self.attention = SelfAttention(width)
        self.after = _Up(width)
        self.last = nn.Sequential(
            nn.BatchNorm2d(width), nn.ReLU(inplace=True), nn.Conv2d(width, channels, 3, padding=1), nn.Tanh()
        )
        self.apply(_initialise)

    @property
    def z_weight(self) -> Tensor:
        """What a unit of each number of z adds to the first layer, `(z_dim, n)`."""
        return self.first.weight.T

    def forward(self, z: Tensor) -> Tensor:
        """Draw pictures `(B, channels, size, size)` in [-1, 1] from latents `z` `(B, z_dim)`."""
        return self.last(self.after(self.attention(self._middle(z))))

    def attended(self, z: Tensor) -> Tensor:
        """Where each place of the pictures of `z` looks.

        Returns:
            `(B, M, M, M / 2, M / 2)` with M = size / 2: for each of M × M places, shares of the cells that sum to 1.
        """
        middle = self._middle(z)
        side = middle.shape[-1]
        return self.attention.maps(middle).view(-1, side, side, side // 2, side // 2)

    def early(self, z: Tensor) -> Tensor:
        """What the first block makes of latents `z` `(B, z_dim)`: maps `(B, width, 8, 8)`."""
        return self.before[0](self.first(z).view(len(z), -1, 4, 4))

    def _middle(self, z: Tensor) -> Tensor:
        return self.before(self.first(z).view(len(z), -1, 4, 4))


class Discriminator(Pretrained, pipeline_tag="image-classification", tags=["gan", "sagan"]):
    """Score pictures as real (positive) or generated (negative).

    Args:
        width: channels of every block, at least 8.
        channels: 1 for greyscale, 3 for RGB.
        size: side of the picture in pixels, a power of two of at least 16.
    """

    architecture = "sagan-discriminator"

    def __init__(self, *, width: int = 64, channels: int = 3, size: int = 32) -> None:
        super().__init__()
        self.before = _Down(channels, width, first=True)
        self.attention = SelfAttention(width)
        self.after = nn.Sequential(*(_Down(width, width, first=False) for _ in range(_smaller(size))))
        self.last = nn.Linear(width, 1)
        self.apply(_initialise)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits `(B,)` for pictures `(B, channels, size, size)` in [-1, 1]."""
        maps = self.after(self.attention(self.before(pictures)))
        return self.last(F.relu(maps).sum(dim=(2, 3))).flatten()


class _Up(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(width, width, 3, padding=1),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1),
        )
        self.past = nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.past(x) + self.layers(x)


class _Down(nn.Module):
    def __init__(self, inner: int, outer: int, *, first: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Identity()
            if first
            else nn.ReLU(),  # on pictures, which are in [-1, 1], it would cut off the darker half
            nn.Conv2d(inner, outer, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(outer, outer, 3, padding=1),
        )
        self.past = nn.Conv2d(inner, outer, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(self.past(x) + self.layers(x), 2)


def _smaller(size: int) -> int:
    """How many blocks lie between 4 pixels and the attention, which works at half the size."""
    if size < 16:
        raise ValueError(f"size must be a power of two of at least 16, got {size}")
    return doublings(size) - 1


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
