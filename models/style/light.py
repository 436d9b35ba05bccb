"""A small AdaIN for CPUs: any photo in any style in one pass, at a twelfth of the arithmetic.

The same two halves as in `adain.py`, with a fraction of their channels and layers: features at an eighth of the
picture's size whose means and deviations are the style, and a decoder that paints from them.
`training.light.thinning` takes both from VGG-19 and AdaIN's decoder, `training.light` then trains them together.
`adain.py` and `tiled_adain.py` work with its features and moments as with AdaIN's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained
from models.style import adain, colour
from models.style.adain import Moments
from models.style.vgg import conv3x3

# channels of each layer, by the layer of VGG-19 and of AdaIN's decoder that it stands for
ENCODER = {
    "conv1_1": 16,
    "conv1_2": 16,
    "conv2_1": 32,
    "conv2_2": 48,
    "conv3_1": 80,
    "conv3_3": 112,
    "conv4_1": 256,
}
DECODER = {"conv4_1": 112, "conv3_3": 80, "conv3_1": 56, "conv2_1": 32, "conv1_2": 16, "conv1_1": 3}

FEATURES = ENCODER["conv4_1"]
MOST = 2.5  # times that colouring strengthens a contrast: a photo of nearly one colour would show its noise
SEEN, WHOLE = 2 / 3, 192  # of a style's sides, the share that is encoded; below as many pixels all of it
DETAIL, FINE = 0.5, 4  # the share of the photo's detail that comes back, and what counts as such, in pixels


class LightStyle(Pretrained, pipeline_tag="image-to-image", tags=["style-transfer"]):
    """Both halves: `encode`, then `adain.adain`, then `decode`."""

    architecture = "light-style"

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.ModuleDict(), nn.ModuleDict()
        channels = 3
        for half, widths in ((self.encoder, ENCODER), (self.decoder, DECODER)):
            for name, width in widths.items():
                half[name] = conv3x3(channels, width)
                channels = width

    def encode(self, pictures: Tensor) -> Tensor:
        """Return features `(B, 256, ceil(H / 8), ceil(W / 8))` of pictures `(B, 3, H, W)` in [0, 1].

        They have at least `adain.MIN_SIDE` pixels a side.
        """
        x = pictures
        for _, convolution, new in layers(self.encoder):
            x = F.relu(convolution(smaller(x) if new else x), inplace=True)
        return x

    def decode(self, features: Tensor) -> Tensor:
        """Return pictures `(B, 3, 8 H, 8 W)`, roughly in [0, 1], from features `(B, 256, H, W)`."""
        *inner, (_, last, _) = layers(self.decoder)
        x = features
        for _, convolution, new in inner:
            x = F.relu(enlarged(convolution, x) if new else convolution(x), inplace=True)
        return last(x)


def layers(half: nn.ModuleDict) -> Iterator[tuple[str, nn.Module, bool]]:
    """Each layer's name, its convolution, and whether a new block of VGG-19 begins with it: there the size changes."""
    before = next(iter(half))
    for name, convolution in half.items():
        yield name, convolution, name[:5] != before[:5]  # the block is in "conv3"
        before = name


def smaller(x: Tensor) -> Tensor:
    """Half the size, for the next block of the encoder."""
    return F.max_pool2d(x, 2, ceil_mode=True)


def larger(x: Tensor) -> Tensor:
    """Twice the size, for the next block of the decoder."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def enlarged(convolution: nn.Module, x: Tensor) -> Tensor:
    """What a convolution of `vgg.conv3x3`'s kind makes of `larger(x)`, at four ninths of the arithmetic.

    Of three neighbours in the larger picture two are the same number, so 2 × 2 kernels at the small size do, one for
    each of the four places that a place becomes.
    """
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    kernels = _halves(_halves(convolution.weight, -1), -2)  # (2, 2, O, I, 2, 2)
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")  # what reflection is, at the larger size
    made = F.conv2d(padded, kernels.flatten(0, 2), convolution.bias.repeat(4)).unflatten(1, (2, 2, -1))
    batch, _, height, width = x.shape
    size = (batch, convolution.out_channels, 2 * height, 2 * width)
    result = torch.empty(size, dtype=made.dtype, device=x.device, memory_format=torch.channels_last)
    for row in range(2):
        for column in range(2):
            place = made[:, row, column, :, row : row + height, column : column + width]
            result[..., row::2, column::2] = place
    return result


def _halves(kernels: Tensor, side: int) -> Tensor:
    """Of three weights along a side, two for the first half of a place and two for the second."""
    first, second, third = kernels.unbind(side)
    return torch.stack([torch.stack([first, second + third], side), torch.stack([first + second, third], side)])


class Look(NamedTuple):
    """What painting needs of a style: worth caching.

    Args:
        moments: of its features.
        mean: `(1, 3, 1, 1)`, of its colours in [0, 1], float64.
        covariance: `(3, 3)`, of its colours, float64.
    """

    moments: Moments
    mean: Tensor
    covariance: Tensor


class LightPass:
    """The light network as one way to paint: one region after the other, because each has its own colours.

    Args:
        network: on any device.
        half: the half-precision type to compute in; None is float32.
    """

    channels = FEATURES

    def __init__(self, network: LightStyle, *, half: torch.dtype | None = None) -> None:
        self.network, self.half = network, half
        self.device = next(network.parameters()).device

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the features of pictures or tiles, in float32 on the network's device."""
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            return self.network.encode(pictures.to(self.device)).float()

    def look(self, style: Tensor) -> Look:
        """Reduce a style picture `(1, 3, H, W)` in [0, 1] to what painting needs of it, on the CPU."""
        return Look(adain.moments(self.encode(middle(style))).cpu(), *colour.statistics(style))

    def mix(self, looks: Sequence[Look], weights: Sequence[float]) -> Look:
        """Interpolate styles; see `mix`."""
        return mix(looks, weights)

    def parts(self, looks: Sequence[Look], masks: Sequence[Tensor]) -> list[tuple[Sequence[Look], list[Tensor]]]:
        """The styles and masks to paint in one go: each by itself."""
        if not masks:
            return [(looks, [])]
        return [([look], [mask]) for look, mask in zip(looks, masks, strict=True)]

    def paint(
        self,
        features: Tensor,
        looks: Sequence[Look],
        masks: Sequence[Tensor],  # noqa: ARG002 - they count in `added`
        *,
        strength: float,  # noqa: ARG002 - it counts in `added`
        own: Moments,
    ) -> Tensor:
        """Paint a tile in one style.

        Args:
            features: of the tile, `(1, C, H, W)`.
            looks: one.
            masks: not used here.
            strength: not used here.
            own: the moments of the whole picture.

        Returns:
            `(1, 3, 8 H, 8 W)` in [0, 1].
        """
        style = looks[0].moments.to(self.device)
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            painted = adain.adain(features.to(self.device), style, own=own.to(self.device))
            return self.network.decode(painted).float().clamp(0, 1)

    def added(
        self,
        result: Tensor,
        painted: Tensor,
        looks: Sequence[Look],
        masks: Sequence[Tensor],
        pixels: Tensor,
        *,
        strength: float,
    ) -> Tensor:
        """Finish what was painted in a style and add it to the result, which is the photo before the first.

        Args:
            result: `(1, 3, H, W)` in [0, 1].
            painted: of the same shape.
            looks: the style.
            masks: where it goes, at the size of the features; none is everywhere.
            pixels: the photo.
            strength: of the style, 0 … 1.
        """
        whole = finished(painted, pixels, looks[0], strength=strength)
        if not masks:
            return whole
        share = F.interpolate(masks[0], (pixels.shape[-2], pixels.shape[-1]), mode="bilinear")
        return result + share * (whole - pixels)


def look(network: LightStyle, style: Tensor) -> Look:
    """Reduce a style picture `(1, 3, H, W)` in [0, 1] to what painting needs of it."""
    return Look(adain.moments(network.encode(middle(style))), *colour.statistics(style))


def middle(style: Tensor) -> Tensor:
    """What is encoded of a style `(1, 3, H, W)`, in less than half the time: its strokes are like the rest's."""
    for side in (-2, -1):
        whole = style.shape[side]
        part = whole if whole < WHOLE else round(SEEN * whole)
        style = style.narrow(side, (whole - part) // 2, part)
    return style


def mix(styles: Sequence[Look], weights: Sequence[float]) -> Look:
    """Interpolate looks: a weighted mean of their moments and colours; only the weights' proportions count.

    Raises:
        ValueError: the counts differ, a weight is negative or not finite, or all are zero.
    """
    shares = adain.proportions(weights, count=len(styles))
    mean = torch.stack([share * style.mean for share, style in zip(shares, styles, strict=True)]).sum(0)
    covariance = torch.stack([share * style.covariance for share, style in zip(shares, styles, strict=True)]).sum(0)
    return Look(adain.mix([style.moments for style in styles], weights), mean, covariance)


def restyle(network: LightStyle, content: Tensor, style: Look, *, strength: float = 1.0) -> Tensor:
    """Paint a picture in a style.

    Args:
        network: the network.
        content: `(1, 3, H, W)` in [0, 1], at least `adain.MIN_SIDE` pixels a side.
        style: as `look` returns it.
        strength: see `finished`.

    Returns:
        A picture of the content's size in [0, 1].

    Raises:
        ValueError: `strength` is outside [0, 1].
    """
    height, width = content.shape[-2:]
    painted = network.decode(adain.adain(network.encode(content), style.moments)).clamp(0, 1)
    return finished(painted[..., :height, :width], content, style, strength=strength)


def finished(painted: Tensor, content: Tensor, style: Look, *, strength: float = 1.0) -> Tensor:
    """Give what the network painted the style's colours, and some of the content's detail.

    Args:
        painted: `(1, 3, H, W)` in [0, 1], the whole picture.
        content: of the same shape.
        style: what it was painted in.
        strength: 0 keeps the content as it is, 1 takes the painted picture; in between the two blend. (To blend in the
            features, as AdaIN does, the network would have to know how to paint photographs as they are.)

    Returns:
        A picture of that shape in [0, 1].

    Raises:
        ValueError: `strength` is outside [0, 1].
    """
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must lie in [0, 1], got {strength}")
    result = colour.moved(painted, style.mean, style.covariance, most=MOST)
    result += DETAIL * _detail(colour.moved(content, style.mean, style.covariance, most=MOST))
    return torch.lerp(content, result.clamp_(0, 1), strength)


def _detail(pictures: Tensor) -> Tensor:
    """What is finer than `FINE` pixels, around 0."""
    coarse = F.avg_pool2d(pictures, FINE, ceil_mode=True)
    return pictures - F.interpolate(coarse, pictures.shape[-2:], mode="bilinear")
