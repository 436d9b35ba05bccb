"""The light style network in the engine: what it wants of a painting, and painting with it."""

from __future__ import annotations

from collections.abc import Sequence

import spaces
import torch
from torch import Tensor
from torch.nn import functional as F

from models import device, hub, images, light
from models.light import LightStyle, Look
from serving import networks
from serving.engine import EngineError
from serving.picture import Picture
from serving.settings import RestyleSettings

NAME = "light-style"


def wanted(settings: RestyleSettings) -> bool:
    """Whether the light network is the one to paint with: it is asked for, or there is no GPU to paint with AdaIN."""
    return settings.network == "light" or (settings.network == "auto" and device.choose().type == "cpu")


@spaces.GPU(duration=10)
@torch.inference_mode()
def look(style: Picture) -> Look:
    """What the network wants of a painting, on the CPU; worth caching."""
    found = light.look(network(), images.to_tensor(style.image).to(device.choose()))
    return Look(*(part.cpu() for part in found))


def paint(pixels: Tensor, looks: Sequence[Look], masks: Sequence[Tensor], settings: RestyleSettings) -> Tensor:
    """Paint a picture in a mixture of looks, or in each of them where its mask is.

    Args:
        pixels: `(1, 3, H, W)` in [0, 1].
        looks: of the styles.
        masks: of each look, `(1, 1, h, w)`, together at most 1; none where the looks mix by `settings.weights`.
        settings: strength and weights count.

    Returns:
        `(1, 3, H, W)` in [0, 1], on the CPU.

    Raises:
        EngineError: the looks can't be mixed.
    """
    if not masks:
        try:
            return _paint(pixels, light.mix(looks, settings.weights), settings.strength)
        except ValueError as error:
            raise EngineError(f"The styles can't be mixed: {error}.") from None
    size = (pixels.shape[-2], pixels.shape[-1])
    result = pixels
    for one, mask in zip(looks, masks, strict=True):
        area = F.interpolate(mask, size, mode="bilinear")
        result = result + area * (_paint(pixels, one, settings.strength) - pixels)
    return result


@spaces.GPU(duration=10)
@torch.inference_mode()
def _paint(pixels: Tensor, style: Look, strength: float) -> Tensor:
    place = device.choose()
    style = Look(*(part.to(place) for part in style))
    return light.restyle(network(), pixels.to(place), style, strength=strength).cpu()


def network() -> LightStyle:
    """The network, from the shelf."""

    def load() -> LightStyle:
        loaded = hub.load(NAME, device=device.choose())
        assert isinstance(loaded, LightStyle)
        return loaded.to(memory_format=torch.channels_last)

    return networks.shelf.get(NAME, load)
