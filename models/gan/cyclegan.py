"""CycleGAN: two generators that translate between two unpaired sets of pictures (Zhu et al., 2017)."""

from __future__ import annotations

from torch import Tensor, nn

from models.pretrained import Pretrained


class Translator(Pretrained, pipeline_tag="image-to-image", tags=["gan", "cyclegan"]):
    """Redraw pictures in the other style: strided convolutions down, residual blocks, resized convolutions up.

    Unlike the paper's it adds its output to its input, and starts by adding nothing: two styles of drawing the same
    things differ little, so this start is closer to the goal than random output.

    Args:
        width: channels after the first layer; each halving of the picture doubles them.
        channels: 1 for greyscale, 3 for RGB.
        halvings: how often the picture is halved on the way to the residual blocks.
        blocks: residual blocks in the middle.
    """

    architecture = "cyclegan-translator"

    def __init__(self, *, width: int = 32, channels: int = 3, halvings: int = 2, blocks: int = 6) -> None:
        super().__init__()
        self.multiple = 2**halvings  # of which the sides must be
        layers = [*_normalised(nn.Conv2d(channels, width, 5, padding=2, padding_mode="reflect"))]
        for i in range(halvings):
            inner = width * 2**i
            layers += _normalised(nn.Conv2d(inner, 2 * inner, 4, stride=2, padding=1))
        layers += [_Residual(width * self.multiple) for _ in range(blocks)]
        for i in reversed(range(halvings)):
            outer = width * 2**i
            layers += [
                nn.Upsample(scale_factor=2),  # not a transposed convolution, which leaves checkerboard patterns
                *_normalised(nn.Conv2d(2 * outer, outer, 3, padding=1, padding_mode="reflect")),
            ]
        last = nn.Conv2d(width, channels, 5, padding=2, padding_mode="reflect")
        nn.init.zeros_(last.weight)
        assert last.bias is not None
        nn.init.zeros_(last.bias)
        self.layers = nn.Sequential(*layers, last)

    def forward(self, pictures: Tensor) -> Tensor:
        """Translate pictures `(B, channels, H, W)` in [-1, 1] to as many of the same size and range.

        While training they are not clipped to the range: a clipped pixel would learn nothing.

        Raises:
            ValueError: H or W is not a multiple of `multiple`.
        """
        if any(side % self.multiple for side in pictures.shape[2:]):
            raise ValueError(f"sides must be multiples of {self.multiple}, got {tuple(pictures.shape[2:])}")
        translated = pictures + self.layers(pictures)
        return translated if self.training else translated.clamp(-1, 1)


class PatchDiscriminator(nn.Module):
    """Judge every patch of a picture by itself: a drawing style shows in small details.

    Args:
        width: channels after the first layer; the next two have twice and four times as many.
        channels: 1 for greyscale, 3 for RGB.
    """

    def __init__(self, *, width: int = 32, channels: int = 3) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.InstanceNorm2d(2 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.InstanceNorm2d(4 * width),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Conv2d(4 * width, 1, 3, padding=1),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return verdicts `(B, 1, H / 4, W / 4)` for pictures `(B, channels, H, W)` in [-1, 1]; 1 says real."""
        return self.layers(pictures)


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        first, second = (nn.Conv2d(width, width, 3, padding=1, padding_mode="reflect") for _ in range(2))
        self.layers = nn.Sequential(*_normalised(first), second, nn.InstanceNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


def _normalised(convolution: nn.Conv2d) -> list[nn.Module]:
    return [convolution, nn.InstanceNorm2d(convolution.out_channels), nn.ReLU(inplace=True)]
