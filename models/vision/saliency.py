"""U²-Netp: which pixels belong to the subject of a photograph (Qin et al., Pattern Recognition, 2020).

A U-Net whose every stage is a small U-Net of its own, a residual U-block (RSU). Batch normalisation is folded into the
convolutions, so that each is a convolution and a ReLU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained

SIDE = 320  # pixels a side that the network was trained on
WIDTH, OUT = 16, 64  # channels inside a block and between blocks: the small variant of the paper
DEPTHS = (7, 6, 5, 4)  # of the blocks that pool; those below keep their size and dilate instead
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


class Convolution(nn.Conv2d):
    """3 × 3, dilated, of the input's size, then ReLU; its batch normalisation lies in weight and bias."""

    def __init__(self, inner: int, outer: int, *, dilation: int = 1) -> None:
        super().__init__(inner, outer, 3, padding=dilation, dilation=dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, outer, H, W)`, not below 0."""
        return F.relu(super().forward(x))


class UBlock(nn.Module):
    """RSU-L: down `depth - 2` halvings and up again, added to what came in (figure 2 of the paper)."""

    def __init__(self, depth: int, inner: int) -> None:
        super().__init__()
        self.enter = Convolution(inner, OUT)
        self.down = nn.ModuleList(Convolution(OUT if i == 0 else WIDTH, WIDTH) for i in range(depth - 1))
        self.bottom = Convolution(WIDTH, WIDTH, dilation=2)
        self.up = nn.ModuleList(Convolution(2 * WIDTH, OUT if i == depth - 2 else WIDTH) for i in range(depth - 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, 64, H, W)` from `(B, inner, H, W)`."""
        entered = x = self.enter(x)
        passed = []
        for i, convolution in enumerate(self.down):
            x = convolution(x if i == 0 else _halved(x))
            passed.append(x)
        x = self.bottom(x)
        for convolution in self.up:
            beside = passed.pop()
            x = convolution(torch.cat([_sized(x, beside), beside], dim=1))
        return x + entered


class DilatedBlock(nn.Module):
    """RSU-4F: the same, where the picture is too small to be halved again: dilation widens what is seen."""

    def __init__(self, inner: int) -> None:
        super().__init__()
        self.enter = Convolution(inner, OUT)
        self.down = nn.ModuleList(Convolution(OUT if d == 1 else WIDTH, WIDTH, dilation=d) for d in (1, 2, 4))
        self.bottom = Convolution(WIDTH, WIDTH, dilation=8)
        self.up = nn.ModuleList(Convolution(2 * WIDTH, OUT if d == 1 else WIDTH, dilation=d) for d in (4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, 64, H, W)` from `(B, inner, H, W)`."""
        entered = x = self.enter(x)
        passed = []
        for convolution in self.down:
            x = convolution(x)
            passed.append(x)
        x = self.bottom(x)
        for convolution in self.up:
            x = convolution(torch.cat([x, passed.pop()], dim=1))
        return x + entered


class U2Netp(Pretrained, pipeline_tag="image-segmentation", tags=["saliency", "background-removal"]):
    """The network; its modules stand in the order in which they run, which is that of the ONNX original."""

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
        """Rate each pixel of `(B, 3, H, W)`, normalised by `normalise`: `(B, 1, H, W)` in [0, 1], 1 for the subject."""
        x = pictures
        passed = []
        for i, block in enumerate(self.encoder):
            x = block(x if i == 0 else _halved(x))
            passed.append(x)
        painted = [passed.pop()]  # from the coarsest to the finest
        for block in self.decoder:
            beside = passed.pop()
            painted.append(block(torch.cat([_sized(painted[-1], beside), beside], dim=1)))
        rated = [side(x) for side, x in zip(self.sides, reversed(painted), strict=True)]
        return torch.sigmoid(self.fuse(torch.cat([_sized(r, rated[0]) for r in rated], dim=1)))


def normalise(pictures: Tensor) -> Tensor:
    """Bring pictures `(B, 3, H, W)` in [0, 1] to the range of the training: the brightest pixel at 1, less the mean."""
    brightest = pictures.amax(dim=(1, 2, 3), keepdim=True).clamp(min=1e-6)
    mean, std = (torch.tensor(values, device=pictures.device).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (pictures / brightest - mean) / std


def subject_mask(network: U2Netp, pictures: Tensor) -> Tensor:
    """Where the subject is, seen at the network's own size and scaled to the picture's.

    Args:
        network: U²-Netp.
        pictures: `(B, 3, H, W)` in [0, 1].

    Returns:
        `(B, 1, H, W)` in [0, 1]. A picture without any subject gives weak masks; they are not stretched to 1, as is
        often done, unless something reaches one half.
    """
    small = F.interpolate(pictures, (SIDE, SIDE), mode="bilinear", antialias=True, align_corners=False)
    rated = network(normalise(small))
    low, high = rated.amin(dim=(2, 3), keepdim=True), rated.amax(dim=(2, 3), keepdim=True)
    stretched = torch.where(high >= 0.5, (rated - low) / (high - low).clamp(min=1e-6), rated)
    return F.interpolate(stretched, pictures.shape[-2:], mode="bilinear", align_corners=False).clamp(0, 1)


def _dilated(count: int, inner: int) -> list[DilatedBlock]:
    return [DilatedBlock(inner) for _ in range(count)]


def _halved(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 2, ceil_mode=True)


def _sized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, like.shape[-2:], mode="bilinear", align_corners=False)
