"""The Fréchet distance of a bundled generator in VGG-19's features, beside the one in its judge's."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from evaluation.quantitative.fid import fid
from evaluation.quantitative.perceptual import LAYER, features
from models import tensors
from models.gan import latent
from models.gan.generators import Generator
from models.gan.training import recipe
from models.hub import loading, manifest
from models.style.vgg import VGG19
from training.data import datasets

KEY = "perceptual_distance"
NETWORK = "vgg19"
SEED = 1  # of the samples, as in the other scores
COUNT = 2_000  # samples, a fifth of the other scores': VGG-19 needs fifty times as long for a picture as a judge
REFERENCE = 5_000  # training pictures, or all where there are fewer
OF_64_PIXELS = ("twemoji", "faces", "faces-skewed")  # four times as long: half of the samples, two fifths of the rest
BATCH = 50


def distances(name: str) -> Iterator[tuple[int, float]]:
    """Compute the distance of a generator at every step that is bundled, the finished one last.

    Args:
        name: a generator of the manifest that has a recipe.
    """
    data_set = recipe.read(name).data
    for step in loading.entries()[name].steps:
        generator = loading.load(name, step=step, source="bundled")
        assert isinstance(generator, Generator)
        yield step, _distance(_features(_samples(generator, samples_of(data_set))), data_set)


@functools.cache
def real_distance(data_set: str) -> float:
    """Compute the distance of as many real test pictures: what a perfect generator would have."""
    return _distance(_features(_drawn(data_set, samples_of(data_set), train=False)), data_set)


def samples_of(data_set: str) -> int:
    """Return how many samples of a data set's generators are scored: distances compare within a data set alone."""
    return COUNT // 2 if data_set in OF_64_PIXELS else COUNT


def circumstances(name: str) -> dict[str, Any]:
    """Return what a repetition of the distances needs."""
    data_set = recipe.read(name).data
    return {
        "network": NETWORK,
        "layer": LAYER,
        "sha256": manifest.read()[NETWORK].file(None).sha256,
        "samples": samples_of(data_set),
        "seed": SEED,
        "training_pictures": len(_reference(data_set)),
    }


def _distance(drawn: Tensor, data_set: str) -> float:
    return round(fid(drawn, _reference(data_set)), 3)


@functools.cache
def _reference(data_set: str) -> Tensor:
    count = REFERENCE * 2 // 5 if data_set in OF_64_PIXELS else REFERENCE
    return _features(_drawn(data_set, count, train=True))


def _features(pictures: Iterator[Tensor]) -> Tensor:
    return features(_network(), pictures)


@functools.cache
def _network() -> VGG19:
    network = loading.load(NETWORK, source="bundled")
    assert isinstance(network, VGG19)
    return network.to(memory_format=torch.channels_last)


@torch.inference_mode()
def _samples(generator: Generator, count: int) -> Iterator[Tensor]:
    for z in latent.sample_z(SEED, count, generator.z_dim).split(BATCH):
        yield generator(z)


def _drawn(data_set: str, count: int, *, train: bool) -> Iterator[Tensor]:
    """Return a random part of a data set: some are sorted by what they show."""
    pictures, _ = datasets.DATA_SETS[data_set](train=train)
    chosen = torch.randperm(len(pictures), generator=torch.Generator().manual_seed(SEED))[:count]
    return (tensors.from_uint8(batch) for batch in pictures[chosen].split(BATCH))
