"""EfficientNet-Lite0: names one of 1,000 kinds of thing in a photograph (Tan & Le, ICML 2019).

The Lite variant: inverted residual blocks (Sandler et al., 2018) with ReLU6, without squeeze-and-excitation. Batch
normalisation is folded into the convolutions: each layer is a convolution and, but for a block's last, a ReLU6.
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained

SIDE, RESIZED = 224, 256  # pixels: the network sees the middle 224 of a picture whose shorter side has 256
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet
STEM, FEATURES = 32, 1280
STAGES = (  # blocks, kernel, stride of the first block, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConvolution(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same" does: at stride 2 the odd pixel goes to the right and below."""

    def __init__(self, inner: int, outer: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inner, outer, kernel, stride, padding=0 if stride > 1 else kernel // 2, groups=groups)
        before = (kernel - stride) // 2
        self.uneven = (before, kernel - stride - before) * 2 if stride > 1 else None

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, outer, H / stride, W / stride)`; H and W are multiples of the stride."""
        return super().forward(x if self.uneven is None else F.pad(x, self.uneven))


class InvertedResidual(nn.Module):
    """Widen, convolve each channel alone, narrow; the input is added where the shape stays."""

    def __init__(self, inner: int, outer: int, *, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inner * expansion
        self.expand = SameConvolution(inner, wide, 1) if expansion > 1 else None
        self.depthwise = SameConvolution(wide, wide, kernel, stride=stride, groups=wide)
        self.project = SameConvolution(wide, outer, 1)
        self.residual = stride == 1 and inner == outer

    def forward(self, x: Tensor) -> Tensor:
        """Return `(B, outer, H / stride, W / stride)`."""
        wide = x if self.expand is None else F.relu6(self.expand(x), inplace=True)
        narrow = self.project(F.relu6(self.depthwise(wide), inplace=True))
        return narrow.add_(x) if self.residual else narrow


class EfficientNetLite0(Pretrained, pipeline_tag="image-classification", tags=["imagenet"]):
    """The network; its modules are in the order in which they run, as in the original."""

    architecture = "efficientnet-lite0"

    def __init__(self, *, classes: int = 1000) -> None:
        super().__init__()
        self.stem = SameConvolution(3, STEM, 3, stride=2)
        blocks = []
        inner = STEM
        for count, kernel, first_stride, expansion, outer in STAGES:
            for number in range(count):
                stride = 1 if number else first_stride
                blocks.append(InvertedResidual(inner, outer, kernel=kernel, stride=stride, expansion=expansion))
                inner = outer
        self.blocks = nn.Sequential(*blocks)
        self.top = SameConvolution(inner, FEATURES, 1)
        self.head = nn.Linear(FEATURES, classes)

    def features(self, pictures: Tensor) -> Tensor:
        """Return features `(B, 1280, H / 32, W / 32)` in [0, 6] of normalised pictures `(B, 3, H, W)`."""
        x = self.blocks(F.relu6(self.stem(pictures), inplace=True))
        return F.relu6(self.top(x), inplace=True)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return logits `(B, classes)` of normalised pictures `(B, 3, H, W)`."""
        return self.head(self.features(pictures).mean(dim=(2, 3)))


def middle(size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The square that the network looks at: left, top, right, bottom, in pixels of a picture's size.

    It is the one that torchvision's `Resize(256)` and `CenterCrop(224)` leave, to the fraction of a pixel: half a pixel
    moves a probability by up to 0.09 (a photo of a bridge).
    """
    (left, right), (top, bottom) = (_edges(length, min(size)) for length in size)
    return left, top, right, bottom


def _edges(length: int, shorter: int) -> tuple[float, float]:
    resized = int(RESIZED * length / shorter)
    first = round((resized - SIDE) / 2)
    return first * length / resized, (first + SIDE) * length / resized


def prepare(picture: Image.Image) -> Tensor:
    """Cut the middle out of an RGB picture, scale and normalise it: `(1, 3, 224, 224)`."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=middle(picture.size), reducing_gap=3.0)
    levels = torch.from_numpy(np.array(small))  # (H, W, 3) in 0 … 255
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    return ((levels / 255 - mean) / std).permute(2, 0, 1)[None]


def activation_map(network: EfficientNetLite0, features: Tensor, kind: int) -> Tensor:
    """What each place of a picture adds to the logit of a class (class activation map; Zhou et al., CVPR 2016).

    The logit is the mean of the map plus a constant of the class: the network ends with a mean and a linear layer.

    Args:
        network: EfficientNet-Lite0.
        features: of one picture, `(1, 1280, h, w)`.
        kind: number of the class.

    Returns:
        `(h, w)`.
    """
    return torch.einsum("c,chw->hw", network.head.weight[kind], features[0])
