"""Truncated samples, neighbours in the latent space, and how varied samples are, in this process."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import spaces
import torch
from torch import Tensor

from models.gan import latent
from serving.engine.errors import EngineError
from serving.engine.sampling import Samples
from serving.engine.variety import MOST_ALIKE, SampleVariety
from serving.local import classifiers
from serving.local.sampling import generator, info_at, pictures_of

MEASURED = 200  # samples: the share of a kind of 1 in 10 is then known to about 2 in 100
SEED = 0  # of the samples that are measured
BATCH = 50


class LocalVariety:
    """The part of the engine that varies samples; see `serving.engine.variety.VarietySampler`."""

    def truncated(self, model: str, *, step: int, seed: int, count: int, psi: float) -> Samples:
        info = info_at(model, step)
        z = latent.truncated(latent.sample_z(seed, count, info.z_dim), _share(psi))
        return Samples(tuple(pictures_of(model, step, z)), tuple(map(tuple, z.tolist())))

    def variety(self, model: str, *, step: int, psi: float) -> SampleVariety:
        info_at(model, step)
        return _variety(model, step, round(_share(psi), 2))

    def alike(self, model: str, *, step: int, z: Sequence[float], count: int, spread: float, seed: int = 0) -> Samples:
        info = info_at(model, step)
        if len(z) != info.z_dim or not all(math.isfinite(number) for number in z):
            raise EngineError(f"z of {info.title} has {info.z_dim} finite numbers.")
        if not 1 <= count <= MOST_ALIKE:
            raise EngineError(f"1 to {MOST_ALIKE} samples can be drawn, not {count}.")
        if not 0 <= spread <= 1:
            raise EngineError(f"The spread must lie between 0 and 1, got {spread:g}.")
        around = latent.around(torch.tensor(z, dtype=torch.float32), latent.sample_z(seed, count, info.z_dim), spread)
        return Samples(tuple(pictures_of(model, step, around)), tuple(map(tuple, around.tolist())))


def _share(psi: float) -> float:
    if not 0 <= psi <= 1:
        raise EngineError(f"The truncation must lie between 0 and 1, got {psi:g}.")
    return psi


@functools.lru_cache(256)
def _variety(model: str, step: int, psi: float) -> SampleVariety:
    data = classifiers.data_set(model)
    features, kinds, count = _opinion(model, step, psi, data)
    distance = 100 * _spread(features) / _spread(_opinion(model, step, 1.0, data)[0])
    return SampleVariety(MEASURED, distance, len(set(kinds)) if kinds else None, count)


@functools.lru_cache(32)
def _opinion(model: str, step: int, psi: float, data: str | None) -> tuple[Tensor, tuple[int, ...], int | None]:
    """The features of the measured samples, their kinds and the number of kinds; pixels where no classifier is."""
    pictures = _pictures(model, step, latent.truncated(latent.sample_z(SEED, MEASURED, _z_dim(model, step)), psi))
    if data is None:
        return pictures.flatten(1), (), None
    opinion = classifiers.look(data, pictures)
    return opinion.features, tuple(opinion.kinds.tolist()), opinion.all_kinds


def _z_dim(model: str, step: int) -> int:
    return info_at(model, step).z_dim


@spaces.GPU(duration=10)
@torch.inference_mode()
def _pictures(model: str, step: int, z: Tensor) -> Tensor:
    """The pictures `(N, C, H, W)` in [-1, 1] of z `(N, z_dim)`."""
    network = generator(model, step)
    return torch.cat([network(part.to(network.z_weight.device)).float().cpu() for part in z.split(BATCH)])


def _spread(features: Tensor) -> float:
    """The mean distance of two rows; never 0, for it divides."""
    return max(torch.nn.functional.pdist(features).mean().item(), 1e-9)
