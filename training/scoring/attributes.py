"""How often the attributes of cartoon faces occur: among training pictures, where they are known, and among samples."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from evaluation.quantitative import judge
from models.gan import latent
from models.gan.generators import Generator
from models.gan.training import recipe
from models.hub import loading
from models.vision.classifier import Classifier
from training.data import datasets, faces

SEED, COUNT = 1, 10_000
SETS = ("faces", "faces-skewed")  # data sets whose attributes are known


def counted(name: str, *, count: int = COUNT) -> dict[str, Any]:
    """The share of each value of each attribute, of the finished generator's training pictures and of its samples."""
    data_set = recipe.read(name).data
    _, kinds = datasets.DATA_SETS[data_set](train=True)
    in_data, in_samples = shares(kinds), shares(judged(samples(name, latent.sample_z(SEED, count, z_dim(name)))))
    return {
        attribute: {
            value: {"data": round(in_data[attribute][value], 4), "samples": round(in_samples[attribute][value], 4)}
            for value in faces.ATTRIBUTES[attribute]
        }
        for attribute in faces.KIND
    }


def shares(kinds: Tensor) -> dict[str, dict[str, float]]:
    """How often each value of each attribute occurs among kinds `(N,)`, 0 … 1."""
    shares_of = {}
    for attribute, numbers in faces.attributes_of(kinds).items():
        values = faces.ATTRIBUTES[attribute]
        counts = numbers.bincount(minlength=len(values)) / len(kinds)
        shares_of[attribute] = dict(zip(values, counts.tolist(), strict=True))
    return shares_of


def judged(pictures: Tensor) -> Tensor:
    """The kind `(N,)` that the classifier names for pictures `(N, 3, 64, 64)` in [-1, 1]."""
    return judge.look(classifier(), pictures.split(judge.BATCH)).logits.argmax(dim=1)


def classifier() -> Classifier:
    """The classifier of the 36 kinds of faces."""
    network = loading.load("faces-classifier", source="bundled")
    assert isinstance(network, Classifier)
    return network


@torch.inference_mode()
def samples(name: str, z: Tensor) -> Tensor:
    """Draw z `(N, z_dim)` with the finished generator: `(N, C, H, W)` in [-1, 1]."""
    network = loading.load(name, source="bundled")
    assert isinstance(network, Generator)
    return torch.cat([network(batch) for batch in z.split(judge.BATCH)])


def z_dim(name: str) -> int:
    """The length of a bundled generator's latent vector."""
    return int(loading.entries()[name].config["z_dim"])
