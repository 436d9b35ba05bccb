"""The bundled discriminators in this process, and what they say of samples."""

from __future__ import annotations

import functools

import spaces
import torch
from torch import Tensor

from models import device
from models.gan import dcgan, latent, sagan
from models.gan.training import recipe
from models.hub import loading
from serving.engine.errors import EngineError
from serving.engine.judging import SampleVerdicts
from serving.local import networks
from serving.local.sampling import bundled, generator, info_at

Discriminator = dcgan.Discriminator | sagan.Discriminator
SUFFIX = "-discriminator"


class LocalSampleJudge:
    """The part of the engine that asks discriminators; see `serving.engine.judging.SampleJudge`."""

    def judged(self) -> frozenset[str]:
        return _judges()

    def verdicts(self, model: str, *, step: int, seed: int, count: int, judge: str | None = None) -> SampleVerdicts:
        info = info_at(model, step)
        judge = judge or model
        if judge not in _judges():
            raise EngineError(f"No discriminator of {judge!r:.80} is bundled.")
        if _input(judge) != _input(model):
            raise EngineError(f"The discriminator of {bundled()[judge].title} learned from other pictures.")
        scores = _verdicts(model, step, latent.sample_z(seed, count, info.z_dim), judge)
        certain = recipe.read(judge).game == "non-saturating"  # trained to answer with a probability
        return SampleVerdicts(tuple(scores.tolist()), tuple(scores.sigmoid().tolist()) if certain else None)


@functools.cache
def _judges() -> frozenset[str]:
    entries = loading.entries()
    return frozenset(name for name in bundled() if f"{name}{SUFFIX}" in entries and name in recipe.names())


def _input(model: str) -> tuple[object, object] | None:
    """The size and the number of colours that a bundled model draws."""
    entry = loading.entries().get(model)
    return None if entry is None else (entry.config["size"], entry.config["channels"])


@spaces.GPU(duration=10)
@torch.inference_mode()
def _verdicts(model: str, step: int, z: Tensor, judge: str) -> Tensor:
    """The logits `(N,)` of one discriminator for the pictures of z `(N, z_dim)`."""
    network = generator(model, step)
    return _discriminator(judge)(network(z.to(network.z_weight.device))).float().cpu()


def _discriminator(name: str) -> Discriminator:
    def load() -> Discriminator:
        network = loading.load(f"{name}{SUFFIX}", device=device.choose())
        assert isinstance(network, Discriminator)
        return network

    return networks.cache.get(f"{name}{SUFFIX}", load)
