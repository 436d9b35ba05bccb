"""The first and last convolutions of a DCGAN, in forms that a CPU computes several times faster.

Its vectors stay nearly empty with a picture's one or three channels, so a 4 × 4 convolution in steps of 2 becomes one
of 2 × 2 over blocks of 2 × 2 pixels with four times the channels. One that covers the whole picture is a product.
The sums are the same, and each layer's state dict is that of the convolution it stands for.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 2


class FromPicture(nn.Conv2d):
    """4 × 4 in steps of 2, from a picture's few channels.

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
    """4 × 4 in steps of 2, to a picture's few channels.

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
    """One pixel to the first `side` × `side`, without a bias.

    Args:
        numbers: of a latent.
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
    """The last `side` × `side` to one number.

    Args:
        width: channels of the input.
        side: of the input.
    """

    def __init__(self, width: int, side: int) -> None:
        super().__init__(width, 1, side)

    def forward(self, maps: Tensor) -> Tensor:
        """Return `(B, 1)` of `maps` `(B, width, side, side)`."""
        seen, weight = (x.permute(0, 2, 3, 1).flatten(1) for x in (maps, self.weight))
        return F.linear(seen, weight, self.bias)
