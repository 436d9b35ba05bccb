"""Style transfer in one pass, on this machine, with all that can be kept of a picture kept."""

from __future__ import annotations

import functools

import spaces
import torch
from PIL import Image
from torch import Tensor

from models import adain, device, images
from serving import networks
from serving.picture import Picture


class Restyling:
    """The part of the engine that restyles; see `serving.restyler.Restyler` for what the methods promise."""

    def __init__(self) -> None:
        self._moments = functools.lru_cache(maxsize=256)(_style_moments)  # 4 kB each
        self._features = functools.lru_cache(maxsize=8)(_content_features)  # 5 MB each at 384 px
        self._results = functools.lru_cache(maxsize=16)(self._restyle)

    def restyle(self, content: Image.Image, style: Image.Image, *, strength: float, side: int) -> Image.Image:
        """See `Restyler.restyle`."""
        return self._results(Picture.of(images.fit(content, side)), Picture.of(images.fit(style, side)), strength)

    def _restyle(self, content: Picture, style: Picture, strength: float) -> Image.Image:
        painted = _decode(self._features(content), self._moments(style), strength)
        return images.to_picture(painted[..., : content.image.height, : content.image.width])


@spaces.GPU(duration=10)
@torch.inference_mode()
def _style_moments(style: Picture) -> adain.Moments:
    with networks.autocast():
        features = adain.encode(networks.encoder(), images.to_tensor(style.image).to(device.choose()))
    return adain.moments(features.float()).cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _content_features(content: Picture) -> Tensor:
    with networks.autocast():
        return adain.encode(networks.encoder(), images.to_tensor(content.image).to(device.choose())).float().cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _decode(features: Tensor, moments: adain.Moments, strength: float) -> Tensor:
    place = device.choose()
    with networks.autocast():
        return adain.decode(networks.decoder(), features.to(place), moments.to(place), strength=strength).float().cpu()
