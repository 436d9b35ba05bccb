"""The networks of this process, in one cache with a memory budget, and the precision that they compute in."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Literal, TypeVar, cast

import torch
from cachetools import LRUCache
from torch import nn

from models import device, nnpack
from models.hub import loading
from models.pretrained import Pretrained
from models.style.adain import AdaINPass, Decoder
from models.style.light import LightPass, LightStyle
from models.style.static.convolutions import StaticDecoder, StaticVGG19
from models.style.vgg import VGG19
from models.vision.efficientnet import EfficientNetLite0
from models.vision.saliency import U2Netp

M = TypeVar("M", bound=nn.Module)
Network = TypeVar("Network", bound=Pretrained)
PassName = Literal["light", "adain"]
IMAGE_CLASSIFIER = "efficientnet-lite0"
STYLE = ("light-style", "vgg19", "adain-decoder")  # what style transfer needs
MEMORY = 2**20 * int(os.environ.get("JUST_LOOK_MEMORY_MB", "2048"))  # of networks, on the device


class NetworkCache:
    """Networks kept in memory: each is loaded once however many ask, and the least recently used make room.

    Args:
        budget: bytes of parameters and buffers to keep at most; a network that alone is larger is kept alone.
    """

    def __init__(self, budget: int) -> None:
        self._lock = threading.Lock()
        self._loaded: LRUCache[Hashable, nn.Module] = LRUCache(
            budget, getsizeof=lambda network: min(size(network), budget)
        )
        self._loading: dict[Hashable, Future[nn.Module]] = {}

    def get(self, key: Hashable, load: Callable[[], M]) -> M:
        """Return the network called `key`, loading it if it is not here; other callers wait for that load.

        Raises:
            Exception: whatever `load` raises, to every caller that waited; the next call loads again.
        """
        with self._lock:
            network = self._loaded.get(key)
            if network is not None:
                return cast("M", network)
            future = self._loading.get(key)
            if first := future is None:
                future = self._loading[key] = Future()
        if first:
            self._load(key, load, future)
        return cast("M", future.result())

    def bytes(self) -> int:
        """Bytes of all networks in it."""
        with self._lock:
            return int(self._loaded.currsize)

    def clear(self) -> None:
        """Forget all networks; each is loaded again when it is asked for."""
        with self._lock:
            self._loaded.clear()

    def _load(self, key: Hashable, load: Callable[[], M], future: Future[nn.Module]) -> None:
        try:
            with torch.inference_mode(False):  # the first caller may need no gradients, others may
                network = load()
        except BaseException as error:
            with self._lock:
                del self._loading[key]
            future.set_exception(error)
            return
        with self._lock:
            self._loaded[key] = network
            del self._loading[key]
        future.set_result(network)


def size(network: nn.Module) -> int:
    """Bytes of a module's parameters and buffers."""
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))


cache = NetworkCache(MEMORY)


def one_pass(name: PassName) -> LightPass | AdaINPass:
    """The networks that paint in one pass, at the precision that is quickest here."""
    return light_pass() if name == "light" else adain_pass()


def light_pass() -> LightPass:
    """The light network, ready to paint."""
    return LightPass(light(), half=device.half(device.choose().type))


def adain_pass() -> AdaINPass:
    """AdaIN's networks, ready to paint. How little half precision shows: tests/unit/models/test_half_precision.py."""
    half = device.half(device.choose().type)
    if device.choose().type != "cuda":
        return AdaINPass(encoder(), decoder(), half=half)
    assert half is not None
    return AdaINPass(
        cache.get("static vgg19", lambda: StaticVGG19(encoder(), half)),
        cache.get("static adain-decoder", lambda: StaticDecoder(decoder(), half)),
    )


def light() -> LightStyle:
    """The light network, which takes AdaIN's place on CPUs."""

    def load() -> LightStyle:
        network = loading.load("light-style", device=device.choose())
        assert isinstance(network, LightStyle)
        return network.to(memory_format=torch.channels_last)

    return cache.get("light-style", load)


def encoder() -> VGG19:
    """VGG-19, whose features are content and style."""

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
    """U²-Netp, which separates the subject from the background."""

    def load() -> U2Netp:
        network = loading.load("u2netp", device=device.choose())
        assert isinstance(network, U2Netp)
        return network

    return cache.get("u2netp", load)


def image_classifier() -> EfficientNetLite0:
    """EfficientNet-Lite0, which names what a photograph shows."""

    def load() -> EfficientNetLite0:
        network = loading.load(IMAGE_CLASSIFIER, device=device.choose())
        assert isinstance(network, EfficientNetLite0)
        return network

    return cache.get(IMAGE_CLASSIFIER, load)


def _quick(network: Network) -> Network:
    """In the layout that is quickest here: NNPACK's on a CPU without half precision, else channels last."""
    if device.choose().type == "cpu" and device.half("cpu") is None and nnpack.available():
        nnpack.quicken(network)
        return network
    return network.to(memory_format=torch.channels_last)
