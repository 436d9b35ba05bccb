"""Adaptive instance normalisation: any style in one forward pass (Huang & Belongie, ICCV 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.pretrained import Pretrained
from models.style.layers import min_side
from models.style.vgg import VGG19, conv3x3

LAYER = "relu4_1"
MIN_SIDE = min_side(LAYER)  # pixels, of content and style alike
EPS = 1e-5  # keeps flat channels from dividing by zero


class Moments(NamedTuple):
    """What AdaIN takes a style to be: each channel's mean and standard deviation, both `(B, C, 1, 1)`."""

    mean: Tensor
    std: Tensor

    def to(self, device: str | torch.device) -> Moments:
        """The same moments on another device."""
        return Moments(self.mean.to(device), self.std.to(device))

    def cpu(self) -> Moments:
        """The same moments on the CPU, where caches keep them."""
        return self.to("cpu")


class Decoder(Pretrained, pipeline_tag="image-to-image", tags=["style-transfer"]):
    """Paint a picture from features of relu4_1: the encoder mirrored, pooling replaced by upsampling."""

    architecture = "adain-decoder"

    def __init__(self) -> None:
        super().__init__()
        self.conv4_1 = conv3x3(512, 256)
        self.conv3_4 = conv3x3(256, 256)
        self.conv3_3 = conv3x3(256, 256)
        self.conv3_2 = conv3x3(256, 256)
        self.conv3_1 = conv3x3(256, 128)
        self.conv2_2 = conv3x3(128, 128)
        self.conv2_1 = conv3x3(128, 64)
        self.conv1_2 = conv3x3(64, 64)
        self.conv1_1 = conv3x3(64, 3)
        self.upsample = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, features: Tensor) -> Tensor:
        """Return pictures `(B, 3, 8 H, 8 W)`, roughly in [0, 1], from features `(B, 512, H, W)`."""
        x = F.relu(self.conv4_1(features))
        x = F.relu(self.conv3_4(self.upsample(x)))
        for convolution in (self.conv3_3, self.conv3_2, self.conv3_1):
            x = F.relu(convolution(x))
        x = F.relu(self.conv2_2(self.upsample(x)))
        x = F.relu(self.conv2_1(x))
        return self.conv1_1(F.relu(self.conv1_2(self.upsample(x))))


class AdaINPass:
    """AdaIN's two networks as one way to paint: all regions of a picture at once.

    Args:
        encoder: VGG-19, or its static form.
        decoder: of the same form, on the same device.
        half: the half-precision type to convert to; None computes as the networks are.
    """

    channels = 512

    def __init__(self, encoder: nn.Module, decoder: nn.Module, *, half: torch.dtype | None = None) -> None:
        self.encoder, self.decoder, self.half = encoder, decoder, half
        self.device = next(iter(decoder.state_dict().values())).device

    def encode(self, pictures: Tensor) -> Tensor:
        """Return the features of pictures or tiles, in float32 on the networks' device."""
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            return encode(self.encoder, pictures.to(self.device)).float()

    def look(self, style: Tensor) -> Moments:
        """Reduce a style picture `(1, 3, H, W)` in [0, 1] to its moments, on the CPU."""
        return moments(self.encode(style)).cpu()

    def mix(self, looks: Sequence[Moments], weights: Sequence[float]) -> Moments:
        """Interpolate styles; see `mix`."""
        return mix(looks, weights)

    def parts(self, looks: Sequence[Moments], masks: Sequence[Tensor]) -> list[tuple[Sequence[Moments], list[Tensor]]]:
        """The styles and masks to paint in one go: all of them."""
        return [(looks, list(masks))]

    def paint(
        self, features: Tensor, looks: Sequence[Moments], masks: Sequence[Tensor], *, strength: float, own: Moments
    ) -> Tensor:
        """Paint a tile in one style, or in one for each mask.

        Args:
            features: of the tile, of one picture or several, `(B, C, H, W)`.
            looks: one, or as many as masks.
            masks: `(1, 1, H, W)` in [0, 1]; none where the only style goes everywhere.
            strength: of the style, 0 … 1.
            own: the moments of the whole pictures.

        Returns:
            `(B, 3, 8 H, 8 W)` in [0, 1].
        """
        features, own = features.to(self.device), own.to(self.device)
        styles = [look.to(self.device) for look in looks]
        with torch.autocast(self.device.type, self.half, enabled=self.half is not None):
            if masks:
                regions = [mask.to(self.device) for mask in masks]
                painted = adain_regions(features, styles, regions, strength=strength, own=own)
            else:
                painted = adain(features, styles[0], strength=strength, own=own)
            return self.decoder(painted).float().clamp(0, 1)

    def added(
        self,
        result: Tensor,  # noqa: ARG002 - as `light.LightPass` has it
        painted: Tensor,
        looks: Sequence[Moments],  # noqa: ARG002
        masks: Sequence[Tensor],  # noqa: ARG002
        pixels: Tensor,  # noqa: ARG002
        *,
        strength: float,  # noqa: ARG002
    ) -> Tensor:
        """Return what was painted: it is the whole result."""
        return painted


def encode(encoder: nn.Module, pictures: Tensor) -> Tensor:
    """Return the features `(B, 512, ceil(H / 8), ceil(W / 8))` of pictures `(B, 3, H, W)` in [0, 1].

    Raises:
        ValueError: the pictures have fewer than `MIN_SIDE` pixels a side.
    """
    return encoder(pictures, [LAYER])[LAYER]


def moments(features: Tensor) -> Moments:
    """Return each channel's mean and standard deviation over the picture."""
    var, mean = torch.var_mean(features, dim=(2, 3), keepdim=True)
    return Moments(mean, (var + EPS).sqrt())


def style_moments(encoder: VGG19, style: Tensor) -> Moments:
    """Reduce style pictures `(B, 3, H, W)` in [0, 1] to what `adain` needs of them; worth caching."""
    return moments(encode(encoder, style))


def mix(styles: Sequence[Moments], weights: Sequence[float]) -> Moments:
    """Interpolate styles (section 7.3 of the paper): a weighted mean of what each would do to any content.

    Args:
        styles: moments of one or more styles.
        weights: one for each, 0 or more; only their proportions count.

    Raises:
        ValueError: the counts differ, a weight is negative or not finite, or all are zero.
    """
    shares = proportions(weights, count=len(styles))
    mean = torch.stack([share * style.mean for share, style in zip(shares, styles, strict=True)]).sum(0)
    std = torch.stack([share * style.std for share, style in zip(shares, styles, strict=True)]).sum(0)
    return Moments(mean, std)


def proportions(weights: Sequence[float], *, count: int) -> list[float]:
    """Scale weights so that they add up to 1.

    Raises:
        ValueError: there are not `count`, one is negative or not finite, or all are zero.
    """
    if not count or len(weights) != count:
        raise ValueError(f"each style needs one weight: got {count} styles and {len(weights)} weights")
    if not all(0 <= weight < float("inf") for weight in weights):
        raise ValueError(f"weights must be numbers from 0 up, got {', '.join(f'{weight:g}' for weight in weights)}")
    if not (total := sum(weights)):
        raise ValueError("every style has the weight 0: give at least one of them more")
    return [weight / total for weight in weights]


def adain(content: Tensor, style: Moments, *, strength: float = 1.0, own: Moments | None = None) -> Tensor:
    """Give content features the per-channel mean and deviation of a style (equation 8 of the paper).

    Args:
        content: features `(B, C, H, W)`.
        style: moments `(B or 1, C, 1, 1)`.
        strength: 0 keeps the content's features, 1 takes the style's statistics; in between they blend (equation 14).
        own: the content's moments where they are not those of `content`: of the whole picture of which it is a tile,
            or of the frames before.

    Returns:
        Features shaped like `content`, in the wider of the precisions of `content` and the moments.

    Raises:
        ValueError: the channel counts differ, or `strength` is outside [0, 1].
    """
    if content.shape[1] != style.mean.shape[1]:
        raise ValueError(f"content has {content.shape[1]} channels, style has {style.mean.shape[1]}")
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"strength must lie in [0, 1], got {strength}")
    mean, std = own or moments(content)
    restyled = (content - mean) / std * style.std + style.mean
    return torch.lerp(content.to(restyled.dtype), restyled, strength)  # features of half precision, moments of full


def adain_regions(
    content: Tensor,
    styles: Sequence[Moments],
    masks: Sequence[Tensor],
    *,
    strength: float = 1.0,
    own: Moments | None = None,
) -> Tensor:
    """Give each region of the content another style (section 7.3 of the paper); borders are as soft as the masks.

    Args:
        content: features `(B, C, H, W)`.
        styles: one for each region.
        masks: as many `(1, 1, H, W)` in [0, 1] at the size of the features, together at most 1; see `masks.shares`.
        strength: of every style, 0 … 1.
        own: the content's moments; see `adain`. Every region is normalised by those of the whole picture.

    Returns:
        Features shaped like `content`; where no mask is, the content's.
    """
    own = own or moments(content)
    result = content
    for style, mask in zip(styles, masks, strict=True):
        result = result + mask * (adain(content, style, strength=strength, own=own) - content)
    return result


def decode(
    decoder: Decoder, content_features: Tensor, style: Moments, *, strength: float = 1.0, own: Moments | None = None
) -> Tensor:
    """Paint encoded content in a style; with both cached, another strength costs only this.

    Args:
        decoder: the AdaIN decoder.
        content_features: `(B, 512, H, W)` as `encode` returns them.
        style: as `style_moments` returns them.
        strength: of the style, 0 … 1.
        own: the content's moments, where they are not those of `content_features`; see `adain`.

    Returns:
        Pictures `(B, 3, 8 H, 8 W)` in [0, 1]. The encoder rounds sizes up to a multiple of 8 and its pooling windows
        start at the top left, so the content's own pixels are the first rows and columns: cut the rest off.

    Raises:
        ValueError: `strength` is outside [0, 1].
    """
    return decoder(adain(content_features, style, strength=strength, own=own)).clamp(0.0, 1.0)


def restyle(encoder: VGG19, decoder: Decoder, content: Tensor, style: Moments, *, strength: float = 1.0) -> Tensor:
    """Paint content pictures `(B, 3, H, W)` in [0, 1] in a style: `encode`, `decode`, cut to the content's size.

    Returns:
        Pictures of the content's size in [0, 1].

    Raises:
        ValueError: the content has fewer than `MIN_SIDE` pixels a side, or `strength` is outside [0, 1].
    """
    height, width = content.shape[-2:]
    return decode(decoder, encode(encoder, content), style, strength=strength)[..., :height, :width]
