"""The classifiers of this process: what they see in a sample, by the data set that its generator learned from.

Digits in three colours are judged colour by colour, so that their kind is one of 1,000.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from models import device
from models.gan.training import recipe
from models.hub import loading
from models.vision.classifier import Classifier
from serving.local import networks

STACKED = "stacked-mnist"
NAMES = {
    "mnist": "mnist-classifier",
    STACKED: "mnist-classifier",
    "fashion-mnist": "fashion-classifier",
    "twemoji": "emoji-classifier",
}


class Opinion(NamedTuple):
    """What a classifier sees in pictures."""

    features: Tensor  # float32 (N, D), on the CPU
    kinds: Tensor  # int64 (N,)
    all_kinds: int  # how many there are


def data_set(model: str) -> str | None:
    """The data set that a bundled generator learned from; None where no classifier knows it."""
    try:
        known = recipe.read(model).data
    except recipe.RecipeError:
        return None
    return known if known in NAMES and NAMES[known] in loading.entries() else None


def load(data: str) -> Classifier:
    """The classifier of a data set, from the network cache."""
    name = NAMES[data]

    def read() -> Classifier:
        network = loading.load(name, device=device.choose())
        assert isinstance(network, Classifier)
        return network

    return networks.cache.get(name, read)


@torch.inference_mode()
def look(data: str, pictures: Tensor) -> Opinion:
    """Judge pictures `(N, C, H, W)` in [-1, 1] of a data set."""
    classifier = load(data)
    single = pictures.to(next(classifier.parameters()).device)
    colours = pictures.shape[1] if data == STACKED else 1
    if colours > 1:
        single = single.flatten(0, 1)[:, None]  # (3 N, 1, H, W)
    features = classifier.features(single)
    digits = classifier.head(features).argmax(dim=1).view(-1, colours).cpu()  # (N, colours)
    classes = classifier.head.out_features
    places = classes ** torch.arange(colours - 1, -1, -1)
    return Opinion(features.view(len(pictures), -1).cpu(), (digits * places).sum(dim=1), classes**colours)
