"""Style transfer in one pass: AdaIN's two halves, or the light network's in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import spaces
import torch
from torch import Tensor
from torch.nn import functional as F

from models import device
from models.style import adain, light, tiled_adain
from models.style.adain import Moments
from models.style.light import Look
from serving.engine.settings import RestyleSettings
from serving.local import networks

By = Literal["light", "adain"]

CHANNELS: dict[By, int] = {"light": light.FEATURES, "adain": 512}  # of the features


def chosen(settings: RestyleSettings) -> By:
    """Whose halves paint: those that are asked for; else the light ones on a CPU, and AdaIN's on a GPU."""
    if settings.network == "auto":
        return "light" if device.choose().type == "cpu" else "adain"
    return settings.network


@spaces.GPU(duration=10)
@torch.inference_mode()
def encode(pixels: Tensor, by: By) -> Tensor:
    """The features of a picture, or of a tile, on the CPU."""
    pixels = pixels.to(device.choose())
    with networks.autocast():
        found = networks.light().encode(pixels) if by == "light" else adain.encode(networks.encoder(), pixels)
        return found.float().cpu()


class Pass(NamedTuple):
    """One way through the decoder, for the whole picture.

    Args:
        looks: to paint in; one, or one for each mask.
        masks: at the size of the features.
        share: where the result counts, at the size of the features; None is everywhere.
    """

    looks: Sequence[Look]
    masks: Sequence[Tensor]
    share: Tensor | None


def passes(by: By, looks: Sequence[Look], masks: Sequence[Tensor]) -> list[Pass]:
    """AdaIN paints all regions at once; the light network each by itself, as each has its own colours."""
    if by == "light" and masks:
        return [Pass([one], [], mask) for one, mask in zip(looks, masks, strict=True)]
    return [Pass(looks, masks, None)]


def painter(by: By, wanted: Pass, strength: float) -> tiled_adain.Paint:
    """What paints a tile."""
    own_strength = 1.0 if by == "light" else strength  # the light one's is in `added`
    moments = [one.moments for one in wanted.looks]

    def paint(tile: Tensor, own: Moments, window: tiled_adain.Window) -> Tensor:
        return _paint(by, tile, moments, [window.of(mask) for mask in wanted.masks], own_strength, own)

    return paint


def added(by: By, result: Tensor, painted: Tensor, wanted: Pass, pixels: Tensor, strength: float) -> Tensor:
    """Add what a pass has painted to the result, which is the photo before the first.

    Args:
        by: whose pass it was.
        result: `(1, 3, H, W)` in [0, 1].
        painted: of the same shape.
        wanted: the pass.
        pixels: the photo.
        strength: of the style, 0 … 1.
    """
    if by == "adain":
        return painted
    finished = light.finished(painted, pixels, wanted.looks[0], strength=strength)
    if wanted.share is None:
        return finished
    share = F.interpolate(wanted.share, (pixels.shape[-2], pixels.shape[-1]), mode="bilinear")
    return result + share * (finished - pixels)


@spaces.GPU(duration=10)
@torch.inference_mode()
def _paint(
    by: By, features: Tensor, styles: Sequence[Moments], masks: Sequence[Tensor], strength: float, own: Moments
) -> Tensor:
    place = device.choose()
    features, own = features.to(place), own.to(place)
    with networks.autocast():
        if masks:
            painted = adain.adain_regions(
                features, [s.to(place) for s in styles], [m.to(place) for m in masks], strength=strength, own=own
            )
        else:
            painted = adain.adain(features, styles[0].to(place), strength=strength, own=own)
        made = networks.light().decode(painted) if by == "light" else networks.decoder()(painted)
        return made.float().clamp(0, 1).cpu()
