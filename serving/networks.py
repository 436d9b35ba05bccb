"""The networks of this process, on one shelf under one memory budget, and the precision that they compute in."""

from __future__ import annotations

import os

import torch

from models import device, hub
from models.adain import Decoder
from models.saliency import U2Netp
from models.vgg import VGG19
from models.winograd import quicken
from serving.shelf import Shelf

STYLE = ("vgg19", "adain-decoder")  # what style transfer needs
MEMORY = 2**20 * int(os.environ.get("JUST_LOOK_MEMORY_MB", "2048"))  # of networks, on the device

shelf = Shelf(MEMORY)


def encoder() -> VGG19:
    """VGG-19, which sees content and style."""

    def load() -> VGG19:
        network = hub.load("vgg19", device=device.choose())
        assert isinstance(network, VGG19)
        return network.to(memory_format=torch.channels_last)  # a fifth faster on a CPU

    return shelf.get("vgg19", load)


def decoder() -> Decoder:
    """AdaIN's decoder."""

    def load() -> Decoder:
        network = hub.load("adain-decoder", device=device.choose())
        assert isinstance(network, Decoder)
        return network.to(memory_format=torch.channels_last)

    return shelf.get("adain-decoder", load)


def quick_encoder() -> VGG19:
    """VGG-19 for inference alone, by Winograd's convolution where that is the faster one."""

    def load() -> VGG19:
        network = hub.load("vgg19", device=device.choose())
        assert isinstance(network, VGG19)
        network = network.to(memory_format=torch.channels_last)
        if _quickens():
            quicken(network)
        return network

    return shelf.get("vgg19-quick", load) if _quickens() else encoder()


def quick_decoder() -> Decoder:
    """AdaIN's decoder, the same way."""

    def load() -> Decoder:
        network = hub.load("adain-decoder", device=device.choose())
        assert isinstance(network, Decoder)
        return network.to(memory_format=torch.channels_last).quicken()

    return shelf.get("adain-decoder-quick", load) if _quickens() else decoder()


def subject_finder() -> U2Netp:
    """U²-Netp, which tells the subject from the background."""

    def load() -> U2Netp:
        network = hub.load("u2netp", device=device.choose())
        assert isinstance(network, U2Netp)
        return network

    return shelf.get("u2netp", load)


def _quickens() -> bool:
    """Whether Winograd's convolution is the faster one: on a CPU without half precision, and on one thread.

    There it takes 0.62 of the plain convolution's CPU time. Its many small products wait for each other where several
    threads share busy cores: on two, three times the plain one's time was measured.
    """
    return device.choose().type == "cpu" and device.half("cpu") is None and torch.get_num_threads() == 1


def autocast() -> torch.autocast:
    """Half precision where it is fast and does not show; tests/unit/test_half_precision.py says by how much."""
    kind = device.choose().type
    half = device.half(kind)
    return torch.autocast(kind, half, enabled=half is not None)
