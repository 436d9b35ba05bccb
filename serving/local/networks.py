"""The networks of this process, in one cache with a memory budget, and the precision that they compute in."""

from __future__ import annotations

import os
from typing import TypeVar

import torch

from models import device, nnpack
from models.hub import loading
from models.pretrained import Pretrained
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.vgg import VGG19
from models.vision.saliency import U2Netp
from serving.local.network_cache import NetworkCache

Network = TypeVar("Network", bound=Pretrained)
STYLE = ("light-style", "vgg19", "adain-decoder")  # what style transfer needs
MEMORY = 2**20 * int(os.environ.get("JUST_LOOK_MEMORY_MB", "2048"))  # of networks, on the device

cache = NetworkCache(MEMORY)


def light() -> LightStyle:
    """The light network, which takes AdaIN's place on CPUs."""

    def load() -> LightStyle:
        network = loading.load("light-style", device=device.choose())
        assert isinstance(network, LightStyle)
        return network.to(memory_format=torch.channels_last)

    return cache.get("light-style", load)


def encoder() -> VGG19:
    """VGG-19, which sees content and style."""

    def load() -> VGG19:
        network = loading.load("vgg19", device=device.choose())
        assert isinstance(network, VGG19)
        return _quick(network)

    return cache.get("vgg19", load)


def decoder() -> Decoder:
    """AdaIN's decoder."""

    def load() -> Decoder:
        network = loading.load("adain-decoder", device=device.choose())
        assert isinstance(network, Decoder)
        return _quick(network)

    return cache.get("adain-decoder", load)


def subject_finder() -> U2Netp:
    """U²-Netp, which tells the subject from the background."""

    def load() -> U2Netp:
        network = loading.load("u2netp", device=device.choose())
        assert isinstance(network, U2Netp)
        return network

    return cache.get("u2netp", load)


def _quick(network: Network) -> Network:
    """In the layout that is quickest here: NNPACK's on a CPU without half precision, else channels last."""
    if device.choose().type == "cpu" and device.half("cpu") is None and nnpack.available():
        nnpack.quicken(network)
        return network
    return network.to(memory_format=torch.channels_last)


def autocast() -> torch.autocast:
    """Half precision where it is fast and does not show; tests/unit/models/test_half_precision.py says by how much."""
    kind = device.choose().type
    half = device.half(kind)
    return torch.autocast(kind, half, enabled=half is not None)
