"""U²-Netp: which pixels belong to the subject of a photograph (Qin et al., Pattern Recognition, 2020).

A U-Net in which each stage is itself a small U-Net, a residual U-block (RSU). Batch normalisation is folded into the
convolutions, so each layer is a convolution and a ReLU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained

SIDE = 320  # pixels; the side of the training pictures
WIDTH, OUT = 16, 64  # channels inside a block and between blocks: the small variant of the paper
DEPTHS = (7, 6, 5, 4)  # of the blocks that pool; the deeper ones keep the size and use dilation
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


class DilatedConvolution(nn.Conv2d):
    """A dilated 3 × 3 convolution that keeps the size, then ReLU; batch normalisation is folded in."""

    def __init__(self, inner: int, outer: int, *, dilation: int = 1) -> None:
        super().__init__(inner, outer, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, outer, H, W)`, at least 0."""
        return F.relu(super().forward(x), inplace=True)


class UBlock(nn.Module):
    """RSU-L: `depth - 2` halvings and back, added to the input features (figure 2 of the paper)."""

    def __init__(self, depth: int, inner: int) -> None:
        super().__init__()
        self.enter = DilatedConvolution(inner, OUT)
        self.down = nn.ModuleList(DilatedConvolution(OUT if i == 0 else WIDTH, WIDTH) for i in range(depth - 1))
        self.bottom = DilatedConvolution(WIDTH, WIDTH, dilation=2)
        self.up = nn.ModuleList(
            DilatedConvolution(2 * WIDTH, OUT if i == depth - 2 else WIDTH) for i in range(depth - 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, 64, H, W)` from `(B, inner, H, W)`."""
        entered = x = self.enter(x)
        skips = []
        for i, convolution in enumerate(self.down):
            x = convolution(x if i == 0 else _halved(x))
            skips.append(x)
        x = self.bottom(x)
        for convolution in self.up:
            skip = skips.pop()
            x = convolution(torch.cat([_sized(x, skip), skip], dim=1))
        return x + entered


class DilatedBlock(nn.Module):
    """RSU-4F: for features too small to halve again; dilation enlarges the receptive field instead."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.enter = DilatedConvolution(inner, OUT)
        self.down = nn.ModuleList(DilatedConvolution(OUT if d == 1 else WIDTH, WIDTH, dilation=d) for d in (1, 2, 4))
        self.bottom = DilatedConvolution(WIDTH, WIDTH, dilation=8)
        self.up = nn.ModuleList(DilatedConvolution(2 * WIDTH, OUT if d == 1 else WIDTH, dilation=d) for d in (4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, 64, H, W)` from `(B, inner, H, W)`."""
        entered = x = self.enter(x)
        skips = []
        for convolution in self.down:
            x = convolution(x)
            skips.append(x)
        x = self.bottom(x)
        for convolution in self.up:
            x = convolution(torch.cat([x, skips.pop()], dim=1))
        return x + entered


class U2Netp(Pretrained, pipeline_tag="image-segmentation", tags=["saliency", "background-removal"]):
    """The network; its modules are in the order in which they run, as in the ONNX original."""

    architecture = "u2netp"

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleList(
            [*(UBlock(depth, 3 if i == 0 else OUT) for i, depth in enumerate(DEPTHS)), *_dilated(2, OUT)]
        )
        self.decoder = nn.ModuleList([*_dilated(1, 2 * OUT), *(UBlock(depth, 2 * OUT) for depth in reversed(DEPTHS))])
        self.sides = nn.ModuleList(nn.Conv2d(OUT, 1, 3, padding=1) for _ in range(len(self.encoder)))
        self.fuse = nn.Conv2d(len(self.sides), 1, 1)

    def forward(self, pictures: Tensor) -> Tensor:
        """Rate each pixel of pictures `(B, 3, H, W)` from `normalise`: `(B, 1, H, W)` in [0, 1], 1 for the subject."""
        x = pictures.contiguous(memory_format=torch.channels_last)  # takes a quarter less time on a CPU
        skips = []
        for i, block in enumerate(self.encoder):
            x = block(x if i == 0 else _halved(x))
            skips.append(x)
        decoded = [skips.pop()]  # from the coarsest to the finest
        for block in self.decoder:
            skip = skips.pop()
            decoded.append(block(torch.cat([_sized(decoded[-1], skip), skip], dim=1)))
        ratings = [side(x) for side, x in zip(self.sides, reversed(decoded), strict=True)]
        return torch.sigmoid(self.fuse(torch.cat([_sized(rating, ratings[0]) for rating in ratings], dim=1)))


def normalise(pictures: Tensor) -> Tensor:
    """Normalise pictures `(B, 3, H, W)` in [0, 1] as in training: brightest value 1, then mean and deviation."""
    brightest = pictures.amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
    mean, std = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (pictures / brightest - mean) / std


def subject_mask(network: U2Netp, pictures: Tensor) -> Tensor:
    """The mask of the subject, computed at the size of the network and scaled to that of the pictures.

    Args:
        network: U²-Netp.
        pictures: `(B, 3, H, W)` in [0, 1].

    Returns:
        `(B, 1, H, W)` in [0, 1]. The mask is stretched to [0, 1] only if some pixel reaches one half: a picture
        without a subject keeps a weak mask.
    """
    small = F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)
    rating = network(normalise(small))
    low, high = rating.amin(dim=(2, 3), keepdim=True), rating.amax(dim=(2, 3), keepdim=True)
    stretched = torch.where(high >= 0.5, (rating - low) / (high - low).clamp(min=1e-6), rating)
    return F.interpolate(stretched, pictures.shape[-2:], mode="bilinear", align_corners=False).clamp(0, 1)


def _dilated(count: int, inner: int) -> list[DilatedBlock]:
    return [DilatedBlock(inner) for _ in range(count)]


def _halved(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


def _sized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, like.shape[-2:], mode="bilinear", align_corners=False)
