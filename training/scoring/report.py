"""The scores of one bundled model, as its metrics.json, its model card and docs/weights.md quote them."""

from __future__ import annotations

import functools
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from evaluation.quantitative import judge
from evaluation.quantitative.coverage import coverage
from evaluation.quantitative.fid import fid
from evaluation.quantitative.inception_score import SPLITS, inception_score
from evaluation.quantitative.judge import Judged
from evaluation.quantitative.memorisation import closeness
from models import tensors
from models.gan import dcgan, latent, sagan
from models.gan.generators import Generator
from models.gan.training import recipe
from models.hub import loading, manifest
from models.vision.classifier import Classifier
from training.data import datasets

TRAINED_HERE = (dcgan.Generator.architecture, sagan.Generator.architecture)  # generators that have a recipe
JUDGES = {  # by data set
    "mnist": "mnist-classifier",
    "fashion-mnist": "fashion-classifier",
    "cifar10": "cifar-classifier",
    "twemoji": "emoji-classifier",
    "faces": "faces-classifier",
    "faces-skewed": "faces-classifier",
}
REPEATING = ("faces", "faces-skewed")  # test pictures repeat training pictures: how close others come says nothing
STACKED, DIGITS = "stacked-mnist", "mnist"  # each colour of a stacked picture is judged as a digit
STACKED_COUNT = 26_000  # samples, as many as Metz et al. (2017) draw
SEED = 1  # seed 0 draws the sheet on the card
COUNT = 10_000  # as many as there are test pictures, so that the distances compare
FLOOR = 0.01  # share of the samples above which a class counts as found
LIBRARIES = ("torch", "torchvision", "torchmetrics", "numpy")


def generator_report(name: str, *, count: int = COUNT, finished: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """Score a generator at every step that is bundled, the finished one last.

    Args:
        name: a generator of the manifest that has a recipe.
        count: samples at each step.
        finished: leave the steps before the last out.

    Yields:
        The step, and its figures: see `_figures`.
    """
    data_set = recipe.read(name).data
    steps = loading.entries()[name].steps
    for step in steps[-1:] if finished else steps:
        generator = loading.load(name, step=step, source="bundled")
        assert isinstance(generator, Generator)
        if data_set == STACKED:
            yield step, stacked_figures(_samples(generator, STACKED_COUNT), _judge(DIGITS))
        else:
            yield step, _figures(judge.look(_judge(data_set), _samples(generator, count)), data_set)


def real_report(data_set: str) -> dict[str, Any]:
    """Return the same figures for the real test pictures: the scores of a perfect generator, and the lowest FID.

    Of stacked digits, the training pictures: the test pictures are too few for a thousand kinds.
    """
    if data_set == STACKED:
        pictures, _ = datasets.DATA_SETS[STACKED](train=True)
        return stacked_figures(scaled(pictures[:STACKED_COUNT]), _judge(DIGITS))
    return _figures(_real(data_set, train=False), data_set)


def accuracy(name: str) -> float:
    """Return the share of its test set that a bundled judge classifies correctly, 0 to 1."""
    data_set = judged_by(name)
    _, labels = datasets.DATA_SETS[data_set](train=False)
    return (_real(data_set, train=False).logits.argmax(dim=1) == labels).float().mean().item()


def judged_by(name: str) -> str:
    """The data set that a judge was trained on: the first of those that it judges."""
    return next(kind for kind, known in JUDGES.items() if known == name)


def circumstances(name: str, *, count: int = COUNT) -> dict[str, Any]:
    """Return what a repetition of the figures needs: the files, the samples and the libraries."""
    entry = manifest.read()[name]
    known = {"sha256": entry.file(None).sha256, "libraries": {library: version(library) for library in LIBRARIES}}
    known["python"] = platform.python_version()
    if entry.architecture not in TRAINED_HERE:
        return known
    data_set = recipe.read(name).data
    network = JUDGES[DIGITS if data_set == STACKED else data_set]
    known["judge"] = {"name": network, "sha256": manifest.read()[network].file(None).sha256}
    if data_set == STACKED:
        return {**known, "samples": STACKED_COUNT, "seed": SEED}
    return {**known, "samples": count, "seed": SEED, "splits": SPLITS}


def stacked_figures(pictures: Iterable[Tensor], digits: Classifier) -> dict[str, Any]:
    """How many of the 1000 combinations of three digits a set of pictures shows (Metz et al., 2017).

    Args:
        pictures: batches `(B, 3, 32, 32)` in [-1, 1], a digit in each colour.
        digits: classifies the digits.
    """
    kinds = []
    for batch in pictures:
        digit = judge.look(digits, [batch.flatten(0, 1)[:, None]]).logits.argmax(dim=1).view(-1, 3)
        kinds.append(digit @ torch.tensor([100, 10, 1]))
    spread = coverage(torch.cat(kinds), classes=1000)
    return {"modes_found": spread.found, "kl_to_uniform": round(spread.kl, 5)}


def judge_of(data_set: str) -> Classifier:
    """The bundled classifier that judges a data set's generators."""
    return _judge(DIGITS if data_set == STACKED else data_set)


def _figures(judged: Judged, data_set: str) -> dict[str, Any]:
    score = inception_score(judged.logits)
    spread = coverage(judged.logits.argmax(dim=1), classes=judged.logits.shape[1], floor=FLOOR)
    training = _real(data_set, train=True).features
    figures = {
        "inception_score": round(score.mean, 3),
        "inception_score_std": round(score.std, 3),
        "fid": round(fid(judged.features, training), 3),
        "classes_found": spread.found,
        "kl_to_uniform": round(spread.kl, 5),
    }
    if data_set in REPEATING:
        return figures
    apart = closeness(judged.features, _real(data_set, train=False).features, training)
    return {**figures, "closeness": round(apart, 3)}


@torch.inference_mode()
def _samples(generator: Generator, count: int) -> Iterator[Tensor]:
    for z in latent.sample_z(SEED, count, generator.z_dim).split(judge.BATCH):
        yield generator(z)


@functools.cache
def _judge(data_set: str) -> Classifier:
    network = loading.load(JUDGES[data_set], source="bundled")
    assert isinstance(network, Classifier)
    return network.to(memory_format=torch.channels_last)


@functools.cache
def _real(data_set: str, *, train: bool) -> Judged:
    pictures, _ = datasets.DATA_SETS[data_set](train=train)
    return judge.look(_judge(data_set), scaled(pictures))


def scaled(pictures: Tensor) -> Iterator[Tensor]:
    """Return batches in [-1, 1] of uint8 pictures."""
    return (tensors.from_uint8(batch) for batch in pictures.split(judge.BATCH))
