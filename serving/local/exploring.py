"""Latent vectors that belong to no seed, in this process: drawn, combined, counted by kind, found for a picture."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import spaces
import torch
from PIL import Image
from torch import Tensor

from media import fitting
from models import device, tensors
from models.errors import WeightsError
from models.gan import inversion, latent
from models.hub import loading
from models.vision.classifier import Classifier
from serving.engine.errors import EngineError, raised_as_engine_error
from serving.engine.exploring import FEWEST_STOPS, LONGEST, MOST_POINTS, MOST_STOPS, Latent, Projection
from serving.engine.sampling import Way, Waypoint
from serving.local import networks
from serving.local.sampling import generator, info_at, info_of, pictures_of

COUNTED, COUNTED_SEED = 200, 1  # samples whose kinds are counted
BATCH = 50
SEARCH_STEPS = 120
SHOWN_EVERY = 4  # steps of the search
MEASURED = 16  # samples that tell how large a drawing is
LEVELS = 127.5  # from [-1, 1] to 255 levels
WAYS = {"slerp": latent.slerp, "lerp": latent.lerp}


class Exploring:
    """The part of the engine that explores; `serving.engine.exploring.Explorer` documents the methods."""

    def draw(self, model: str, *, step: int, z: Sequence[Latent]) -> list[Waypoint]:
        points = _points(z, info_at(model, step).z_dim)
        return _waypoints(model, step, points)

    def between(
        self, model: str, *, step: int, start: Latent, end: Latent, count: int, way: Way
    ) -> list[tuple[Waypoint, list[float]]]:
        first, last = _points([start, end], info_at(model, step).z_dim)
        if not 2 <= count <= MOST_POINTS:
            raise EngineError(f"A way has 2 to {MOST_POINTS} pictures, not {count:,}.")
        points = torch.stack([WAYS[way](first, last, i / (count - 1)) for i in range(count)])
        return list(zip(_waypoints(model, step, points), points.tolist(), strict=True))

    def round_walk(self, model: str, *, step: int, stops: Sequence[Latent], frames: int) -> Iterator[Waypoint]:
        if not FEWEST_STOPS <= len(stops) <= MOST_STOPS:
            raise EngineError(f"A walk visits {FEWEST_STOPS} to {MOST_STOPS} samples, not {len(stops):,}.")
        if not 1 <= frames <= MOST_POINTS:
            raise EngineError(f"From one sample to the next there are 1 to {MOST_POINTS} pictures, not {frames:,}.")
        points = _points(stops, info_at(model, step).z_dim)
        return self._round(model, step, torch.cat([points, points[:1]]), frames)

    def _round(self, model: str, step: int, points: Tensor, frames: int) -> Iterator[Waypoint]:
        for start, end in pairwise(points):
            yield from _waypoints(
                model, step, torch.stack([latent.slerp(start, end, i / frames) for i in range(frames)])
            )

    def combine(self, model: str, *, weights: Sequence[float], z: Sequence[Latent]) -> list[float]:
        points = _points(z, info_of(model).z_dim)
        if len(weights) != len(points) or not all(map(math.isfinite, weights)):
            raise EngineError("Each point needs a weight, a number.")
        total = torch.tensor(weights, dtype=points.dtype) @ points
        if total.norm() < 1e-3 * points.norm():
            raise EngineError("These points cancel each other out: nothing is left that could be drawn.")
        return (total * (points.norm(dim=1).mean() / total.norm())).tolist()

    def kinds(self, model: str, *, step: int, judge: str) -> tuple[int, ...]:
        info_at(model, step)
        return _kinds(model, step, judge)

    def project(self, model: str, *, step: int, picture: Image.Image) -> Iterator[Projection]:
        info = info_at(model, step)
        samples = pictures_of(model, step, latent.sample_z(0, MEASURED, info.z_dim))
        with raised_as_engine_error(fitting.BlankError):
            if samples[0].mode == "L":
                target = fitting.centred(picture, info.size, share=fitting.share_filled(samples))
            else:
                target = fitting.square(picture, info.size)
        return self._project(model, step, target)

    def _project(self, model: str, step: int, target: Image.Image) -> Iterator[Projection]:
        for estimate in _searched(model, step, tensors.from_picture(target)):
            picture = tensors.as_pictures(estimate.picture[None])[0]
            yield Projection(
                estimate.step, SEARCH_STEPS, tuple(estimate.z.tolist()), picture, target, LEVELS * estimate.error
            )


def _points(z: Sequence[Latent], z_dim: int) -> Tensor:
    """Latent vectors as a tensor `(N, z_dim)`."""
    if not 1 <= len(z) <= MOST_POINTS:
        raise EngineError(f"1 to {MOST_POINTS} points can be drawn at a time, not {len(z):,}.")
    if any(len(vector) != z_dim for vector in z):
        raise EngineError(f"A point of this generator has {z_dim} numbers.")
    if not all(math.isfinite(number) for vector in z for number in vector):
        raise EngineError("A point is made of finite numbers: one here is infinite, or not a number (NaN).")
    points = torch.tensor([list(vector) for vector in z], dtype=torch.float64)
    if float(points.norm(dim=1).max()) > LONGEST * math.sqrt(z_dim):
        raise EngineError(f"This point lies too far out: ‖z‖ may be {LONGEST * math.sqrt(z_dim):.0f} at most.")
    return points.float()


def _waypoints(model: str, step: int, points: Tensor) -> list[Waypoint]:
    pairs = zip(pictures_of(model, step, points), points.norm(dim=1).tolist(), strict=True)
    return [Waypoint(picture, length) for picture, length in pairs]


@functools.lru_cache(maxsize=256)
def _kinds(model: str, step: int, judge: str) -> tuple[int, ...]:
    with raised_as_engine_error(WeightsError):
        if judge not in loading.entries() or loading.entries()[judge].architecture != Classifier.architecture:
            raise EngineError(f"There is no classifier {judge!r:.80}.")
        network = networks.cache.get((judge, None), lambda: loading.load(judge, device=device.choose()))
        assert isinstance(network, Classifier)
    return _counted(model, step, network)


@spaces.GPU(duration=20)
@torch.inference_mode()
def _counted(model: str, step: int, judge: Classifier) -> tuple[int, ...]:
    """Kinds among the samples of one seed; a judge of one channel looks at each channel of a stack by itself."""
    network = generator(model, step)
    z = latent.sample_z(COUNTED_SEED, COUNTED, network.z_dim).to(network.z_weight.device)
    batches = [network(part) for part in z.split(BATCH)]  # (B, C, H, W)
    classes, channels = judge.head.out_features, batches[0].shape[1]
    stacked = judge.stages[0].in_channels == 1 < channels
    if not stacked:
        predicted = torch.cat([judge(part).argmax(dim=1) for part in batches]).cpu()
        return tuple(torch.bincount(predicted, minlength=classes).tolist())
    digits = torch.cat([judge(part.flatten(0, 1)[:, None]).argmax(dim=1) for part in batches]).cpu()
    places = torch.tensor([classes ** (channels - 1 - place) for place in range(channels)])
    predicted = (digits.unflatten(0, (-1, channels)) * places).sum(dim=1)
    return tuple(torch.bincount(predicted, minlength=classes**channels).tolist())


@spaces.GPU(duration=60)
def _searched(model: str, step: int, target: Tensor) -> Iterator[inversion.Inversion]:
    """Every few steps of the search, and the last."""
    # what was loaded while a picture was drawn has no gradients: a copy has
    network = copy.deepcopy(generator(model, step))
    place = target.to(network.z_weight.device)
    for estimate in inversion.invert(network, place, z_dim=network.z_dim, steps=SEARCH_STEPS):
        if estimate.step % SHOWN_EVERY == 0:
            yield estimate._replace(z=estimate.z.cpu(), picture=estimate.picture.cpu())
