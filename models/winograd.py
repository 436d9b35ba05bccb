"""Winograd's convolution: a quarter of the multiplications, for CPUs (Lavin & Gray, CVPR 2016).

Every 4 × 4 outputs of a 3 × 3 convolution come from 36 products per pair of channels instead of 144: input tiles and
kernels are transformed, multiplied and transformed back. Of a picture that was doubled before by repeating its pixels,
a tile has only 4 × 4 different values and needs 25 products. oneDNN has this for AVX-512 only.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEP = 4  # outputs a side that one tile gives: F(4 × 4, 3 × 3)
TILES = 128  # at once: their transforms stay in the cache, and the matrix products are long enough
WORTH = 2**14  # channels in × out that a convolution needs to win by it, unless it doubles: then any does

# tables of the paper, section 4.3: input, kernel, output
INPUT = (
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
KERNEL = (
    (1 / 4, 0, 0),
    (-1 / 6, -1 / 6, -1 / 6),
    (-1 / 6, 1 / 6, -1 / 6),
    (1 / 24, 1 / 12, 1 / 6),
    (1 / 24, -1 / 12, 1 / 6),
    (0, 0, 1),
)
OUTPUT = (
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)
REPEATED = (0, 1, 1, 2, 2, 3)  # which of four pixels each of a doubled tile's six repeats
LEFT = (0, 1, 3, 4, 5)  # the rows that REPEATED leaves; the other becomes zero


class Winograd(nn.Module):
    """A convolution of `vgg.conv3x3`'s kind, for inference: it reflects the picture at its border and keeps its size.

    Args:
        convolution: whose weights it takes.
        doubles: double the picture first, as `interpolate(scale_factor=2, mode="nearest")` does.
    """

    input: Tensor
    kernel: Tensor
    output: Tensor
    bias: Tensor

    def __init__(self, convolution: nn.Conv2d, *, doubles: bool = False) -> None:
        super().__init__()
        entering, kernel, leaving = (torch.tensor(table, dtype=torch.float64) for table in (INPUT, KERNEL, OUTPUT))
        if doubles:
            gathered = torch.zeros(6, 4, dtype=torch.float64)
            gathered[range(6), REPEATED] = 1
            entering, kernel, leaving = (entering @ gathered)[[*LEFT]], kernel[[*LEFT]], leaving[:, [*LEFT]]
        weight = convolution.weight.detach().cpu().double()  # (O, I, 3, 3)
        products = torch.einsum("xi,okij,yj->xyko", kernel, weight, kernel).flatten(0, 1)
        self.doubles = doubles
        self.register_buffer("input", entering.float())
        self.register_buffer("kernel", products.float().contiguous())  # (36 or 25, I, O)
        self.register_buffer("output", leaving.float())
        assert convolution.bias is not None
        self.register_buffer("bias", convolution.bias.detach().cpu().float())

    def forward(self, pictures: Tensor) -> Tensor:
        """Return `(B, O, H, W)`, or twice as high and wide where it doubles, in channels_last."""
        step = STEP // 2 if self.doubles else STEP  # between tiles, in pixels of the input
        height, width = pictures.shape[-2:]
        # a doubled picture that is reflected at its border repeats its outermost pixels
        padded = F.pad(pictures, (1, 1, 1, 1), mode="replicate" if self.doubles else "reflect")
        padded = F.pad(padded, (0, -width % step, 0, -height % step))
        high, wide = (-(-side // step) for side in (height, width))  # in tiles
        painted = padded.new_empty(len(padded), high, STEP, wide, STEP, len(self.bias))
        for picture, target in zip(padded.permute(0, 2, 3, 1), painted, strict=True):
            self._convolve(picture, target, step)
        scale = STEP // step
        whole = painted.view(len(padded), high * STEP, wide * STEP, -1)
        return whole[:, : height * scale, : width * scale].permute(0, 3, 1, 2)

    def _convolve(self, padded: Tensor, target: Tensor, step: int) -> None:
        """Fill `(h, 4, w, 4, O)` from `(H + 2, W + 2, I)`."""
        products, inner, outer = self.kernel.shape
        side, size = self.input.shape  # of a transformed tile, and of one that is not
        tiles = padded.unfold(0, size, step).unfold(1, size, step).permute(3, 4, 0, 1, 2)  # (size, size, h, w, I)
        high, wide = tiles.shape[2:4]
        rows = max(1, TILES // wide)
        for top in range(0, high, rows):
            part = tiles[:, :, top : top + rows].reshape(size, -1)  # contiguous: (size, size * n * I)
            entered = torch.matmul(self.input, (self.input @ part).view(side, size, -1))  # (side, side, n * I)
            multiplied = torch.bmm(entered.view(products, -1, inner), self.kernel)  # (side * side, n, O)
            left = (self.output @ multiplied.view(side, -1)).view(STEP, side, -1)
            back = torch.matmul(self.output, left).view(STEP, STEP, -1, wide, outer)
            target[top : top + rows].copy_(back.permute(2, 0, 3, 1, 4)).add_(self.bias)


def worthwhile(convolution: nn.Module) -> bool:
    """Whether a convolution has enough channels to win by it."""
    return isinstance(convolution, nn.Conv2d) and (
        convolution.kernel_size == (3, 3) and convolution.in_channels * convolution.out_channels >= WORTH
    )


def quicken(network: nn.Module, *, doubled: Sequence[str] = ()) -> None:
    """Put Winograd's convolution in the place of each that wins by it; the network serves inference from then on.

    Args:
        network: whose convolutions are `vgg.conv3x3`.
        doubled: the names of those that double the picture first.
    """
    for name, module in list(network.named_children()):
        if isinstance(module, nn.Conv2d) and (name in doubled or worthwhile(module)):
            network.add_module(name, Winograd(module, doubles=name in doubled))
