"""Every bundled GAN against every other of its data set, by the Generative Adversarial Metric.

A discriminator that judges several pictures together cannot judge another model's samples, which come one by one: it is
not bundled, and its model has no battles.
"""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor

from evaluation.quantitative import gam
from evaluation.quantitative.gam import Verdicts
from models import tensors
from models.gan import latent
from models.gan.generators import ARCHITECTURES, Generator
from models.gan.training import recipe
from models.hub import loading, manifest
from training.data import datasets

COUNT = 5000  # pictures of each kind: half of the test set; critics are calibrated on the other half
SEED, OWN_SEED = 1, 2  # of the samples that are judged, and of those that a critic is calibrated on
BATCH = 500


def battles(name: str) -> dict[str, dict[str, Any]]:
    """Compare one bundled generator with all others of its data set whose discriminators are bundled too.

    Returns:
        By opponent: `r_test`, `r_samples`, the winner's name or "tie", the lecture's ratio, and how they were
        computed; empty for a model without a discriminator.
    """
    rivals = _rivals(recipe.read(name).data)
    if name not in rivals:
        return {}
    return {rival: _result(name, rival) for rival in rivals if rival != name}


def _result(name: str, rival: str) -> dict[str, Any]:
    battle = gam.battle(_verdicts(name, rival), _verdicts(rival, name))
    result: dict[str, Any] = {
        "r_test": round(battle.r_test, 4),
        "r_samples": round(battle.r_samples, 4),
        "r_samples_interval": [round(end, 4) for end in (battle.low, battle.high)],
        "winner": {"1": name, "2": rival, "tie": "tie"}[battle.winner],
        "likelihoods": float(f"{battle.likelihoods:.4g}"),
        "tolerance": gam.TOLERANCE,
        "zero_errors": battle.smoothed,
    }
    if critics := [model for model in (name, rival) if _is_critic(model)]:
        result["calibrated"] = critics
    return result


def _rivals(data_set: str) -> list[str]:
    entries = manifest.read()
    known = [name for name, entry in entries.items() if entry.architecture in ARCHITECTURES]
    return [n for n in known if f"{n}-discriminator" in entries and recipe.read(n).data == data_set]


def _is_critic(name: str) -> bool:
    """Whether the discriminator only compares, so that no verdict of its own means even odds."""
    return recipe.read(name).game in ("wasserstein", "relativistic", "least-squares")


@functools.cache  # the opponent's battles need them too
def _verdicts(judge: str, opponent: str) -> Verdicts:
    threshold = _threshold(judge) if _is_critic(judge) else 0.0
    return Verdicts(_on_test(judge) - threshold, _judged(judge, _samples(opponent, SEED)) - threshold)


@functools.cache
def _on_test(judge: str) -> Tensor:
    test, _ = _held_out(recipe.read(judge).data)
    return _judged(judge, test)


@functools.cache
def _threshold(name: str) -> float:
    _, to_calibrate = _held_out(recipe.read(name).data)
    return gam.calibrate(_judged(name, to_calibrate), _judged(name, _samples(name, OWN_SEED)))


@torch.inference_mode()
def _judged(name: str, pictures: Tensor) -> Tensor:
    judge = loading.load(f"{name}-discriminator", source="bundled")
    return torch.cat([judge(batch) for batch in pictures.split(BATCH)])


@functools.lru_cache(maxsize=32)
@torch.inference_mode()
def _samples(name: str, seed: int) -> Tensor:
    generator = loading.load(name, source="bundled")
    assert isinstance(generator, Generator)
    return torch.cat([generator(z) for z in latent.sample_z(seed, COUNT, generator.z_dim).split(BATCH)])


@functools.cache
def _held_out(data_set: str) -> tuple[Tensor, Tensor]:
    """Two halves of the test set, as pictures in [-1, 1]."""
    pictures, _ = datasets.DATA_SETS[data_set](train=False)
    scaled = tensors.from_uint8(pictures)
    return scaled[:COUNT], scaled[COUNT : 2 * COUNT]
