"""Sampling of generators in this process: the bundled ones, and any on the Hub by `org/name@commit`."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping, Sequence
from itertools import islice

import spaces
import torch
from PIL import Image
from torch import Tensor

from models import device, tensors
from models.errors import WeightsError
from models.gan import browser, dcgan, generators, labelled, latent, sagan
from models.gan.generators import Generator
from models.gan.quick import QuickGenerator
from models.hub import guest, loading, manifest
from serving.engine.errors import EngineError, raised_as_engine_error
from serving.engine.sampling import Z_LIMIT, GeneratorInfo, Samples, Way, Waypoint
from serving.local import networks, own_generators

DEFAULT = "mnist-dcgan"
UNUSABLE = "These weights can't be used: "
GUEST_STEP = 0  # a generator from the Hub has one snapshot
PRINCIPAL = "principal.json"  # beside a model's weights, written by `training.scoring.principal`
MOST = 8192  # samples in one pass: a GPU is hardly faster with more
ANALYSED = 512  # latents whose features the principal directions are taken from
IN_BROWSER = {dcgan.Generator.architecture, labelled.Generator.architecture}
BROWSER_FILES = 32  # are kept, of about 1 MB each, the largest of 26
FADED = 0.2  # of a picture's contrast is left where attention is lowest, so that the surroundings can be seen


class Sampling:
    """The part of the engine that samples; see `serving.engine.sampling.Sampler` for what the methods promise."""

    def generators(self) -> list[GeneratorInfo]:
        """See `Sampler.generators`."""
        return list(bundled().values())

    @property
    def welcomes_guests(self) -> bool:
        """See `Sampler.welcomes_guests`."""
        return _guests_are_allowed()

    def bring(self, address: str) -> GeneratorInfo:
        """See `Sampler.bring`."""
        check_guests_are_allowed()
        with raised_as_engine_error(WeightsError, opening=UNUSABLE):
            name = guest.fetch(address).address
        return _guest_info(name)

    def sample(self, model: str, *, step: int, seed: int, count: int) -> Samples:
        """See `Sampler.sample`."""
        return self.sample_together(model, step=step, draws=[(seed, count)])[0]

    def sample_together(self, model: str, *, step: int, draws: Sequence[tuple[int, int]]) -> list[Samples]:
        """What `sample` answers to each seed and count, drawn in one pass."""
        z_dim = info_at(model, step).z_dim
        z = torch.cat([latent.sample_z(seed, count, z_dim) for seed, count in draws])
        pictures, numbers = iter(pictures_of(model, step, z)), iter(z.tolist())
        return [
            Samples(tuple(islice(pictures, count)), tuple(map(tuple, islice(numbers, count)))) for _, count in draws
        ]

    def latent(self, model: str, *, seed: int, index: int) -> list[float]:
        """See `Sampler.latent`."""
        return latent.sample_z(seed, index + 1, info_of(model).z_dim)[index].tolist()

    def influential(self, model: str, *, count: int) -> list[int]:
        """See `Sampler.influential`."""
        info = info_of(model)
        strength = generator(model, info.steps[-1]).z_weight.norm(dim=1)  # what a unit of z_i changes
        return strength.argsort(descending=True)[:count].tolist()

    def directions(self, model: str, *, count: int) -> list[list[float]]:
        """See `Sampler.directions`."""
        info = info_of(model)
        if not 1 <= count <= info.z_dim:
            raise EngineError(f"{info.title} has 1 to {info.z_dim} directions, not {count}.")
        return _directions(model, info.steps[-1])[:count]

    def browser_file(self, model: str, *, step: int) -> bytes:
        """See `Sampler.browser_file`."""
        info = info_at(model, step)
        if not info.in_browser:
            raise EngineError(f"{info.title} does not run in a browser.")
        return _browser_file(model, step)

    def walk(self, model: str, *, step: int, seed: int, ends: tuple[int, int], count: int, way: Way) -> list[Waypoint]:
        """See `Sampler.walk`."""
        drawn = latent.sample_z(seed, max(ends) + 1, info_at(model, step).z_dim)
        interpolate = {"slerp": latent.slerp, "lerp": latent.lerp}[way]
        z = torch.stack([interpolate(drawn[ends[0]], drawn[ends[1]], i / (count - 1)) for i in range(count)])
        lengths = z.norm(dim=1).tolist()
        return [Waypoint(picture, length) for picture, length in zip(pictures_of(model, step, z), lengths, strict=True)]

    def attention(self, model: str, *, step: int, seed: int, index: int, place: tuple[float, float]) -> Image.Image:
        """See `Sampler.attention`."""
        info = info_at(model, step)
        if not info.attends:
            raise EngineError(f"{info.title} has no attention to show.")
        z = latent.sample_z(seed, index + 1, info.z_dim)[index : index + 1]
        (picture,) = pictures_of(model, step, z)
        return faded(picture, _attended(model, step, z, place))

    def move(self, model: str, *, step: int, seed: int, index: int, moved: Mapping[int, float]) -> Image.Image:
        """See `Sampler.move`."""
        z_dim = info_at(model, step).z_dim
        z = latent.sample_z(seed, index + 1, z_dim)[index]
        for i, value in moved.items():
            if not 0 <= i < z_dim:
                raise EngineError(f"z has the numbers z_0 to z_{z_dim - 1}; there is no z_{i}.")
            if not -Z_LIMIT <= value <= Z_LIMIT:
                raise EngineError(f"z_{i} must lie between {-Z_LIMIT:g} and {Z_LIMIT:g}, got {value:g}.")
            z[i] = value
        return pictures_of(model, step, z[None])[0]


@functools.cache
def bundled() -> dict[str, GeneratorInfo]:
    """The generators in the manifest, the default first; read once, for every request needs them."""
    infos = {
        name: GeneratorInfo(
            name,
            entry.title,
            int(entry.config["z_dim"]),
            int(entry.config["size"]),
            tuple(entry.steps),
            entry.shows,
            attends=entry.architecture == sagan.Generator.architecture,
            # The bundled files have the same numbers in the same precision.
            browser_bytes=entry.file().bytes if entry.architecture in IN_BROWSER else 0,
            labels=tuple(str(entry.config["labels"]).split(", ")) if "labels" in entry.config else (),
        )
        for name, entry in loading.entries().items()
        if entry.architecture in generators.ARCHITECTURES
    }
    return {DEFAULT: infos[DEFAULT], **infos}


def info_of(name: str) -> GeneratorInfo:
    """Describe a bundled generator, a guest's, or what a live training made.

    Raises:
        EngineError: there is no such generator.
    """
    if name in bundled():
        return bundled()[name]
    if guest.is_pinned(name):
        return _guest_info(name)
    if own_generators.is_own(name):
        return own_generators.info(name)
    raise EngineError(f"There is no generator {name!r:.80}; there are: {', '.join(bundled())}.")


def _guest_info(name: str) -> GeneratorInfo:
    """Describe `org/name@commit`, loading it into the network cache if it is not there."""
    check_guests_are_allowed()
    with raised_as_engine_error(WeightsError, opening=UNUSABLE):
        network = generator(name, GUEST_STEP)
    attends = isinstance(network, sagan.Generator)
    return GeneratorInfo(name, name, network.z_dim, network.size, (GUEST_STEP,), attends=attends)


def _guests_are_allowed() -> bool:
    return os.environ.get("JUST_LOOK_BRING_YOUR_OWN", "1") != "0"


def check_guests_are_allowed() -> None:
    """Raise an `EngineError` where weights of visitors are switched off."""
    if not _guests_are_allowed():
        raise EngineError("Loading your own weights is switched off on this server.")


def info_at(name: str, step: int) -> GeneratorInfo:
    """Describe a generator that has this snapshot.

    Raises:
        EngineError: there is no such generator, or no such snapshot.
    """
    info = info_of(name)
    if step not in info.steps:
        known = ", ".join(f"{s:,}" for s in info.steps)
        raise EngineError(f"There is no snapshot after {step:,} steps; there are: {known}.")
    return info


def generator(name: str, step: int) -> Generator:
    """The generator of that name as it was after `step` steps, from the network cache.

    Raises:
        WeightsError: it can't be fetched, or does not fit.
        EngineError: it is a visitor's own, and not kept any more.
    """
    if name not in bundled() and own_generators.is_own(name):
        return own_generators.network(name)

    def load() -> Generator:
        if guest.is_pinned(name):
            return guest.load(guest.fetch(name), device=device.choose())
        network = loading.load(name, step=step, device=device.choose())
        assert isinstance(network, Generator)
        return network

    return networks.cache.get((name, step), load)


def quick_generator(name: str, step: int) -> Generator | QuickGenerator:
    """The same generator in the form that draws fastest here.

    Raises:
        WeightsError: it can't be fetched, or does not fit.
        EngineError: it is a visitor's own, and not kept any more.
    """
    network = generator(name, step)
    if device.choose().type != "cuda" or not isinstance(network, dcgan.Generator):
        return network
    # by the network itself: a visitor's own keeps its name when it has trained on
    return networks.cache.get(("quick", network), lambda: QuickGenerator(network))


@functools.lru_cache(maxsize=BROWSER_FILES)
def _browser_file(model: str, step: int) -> bytes:
    network = generator(model, step)
    assert isinstance(network, dcgan.Generator)
    return browser.browser_file(network)


@functools.lru_cache(maxsize=BROWSER_FILES)
def _directions(model: str, step: int) -> list[list[float]]:
    """The principal directions: as they were written down for these weights, or found now."""
    path = manifest.FOLDER / model / PRINCIPAL
    if model in bundled() and path.is_file():
        written = json.loads(path.read_text(encoding="utf-8"))
        if written["sha256"] == loading.entries()[model].file(step).sha256:
            return written["vectors"]
    return principal(model, step).tolist()


@torch.inference_mode()
def principal(model: str, step: int) -> Tensor:
    """Find the principal directions `(z_dim, z_dim)`: of what the early layers make of many z."""
    network = generator(model, step)
    z = latent.sample_z(0, ANALYSED, network.z_dim)
    features = network.early(z.to(network.z_weight.device)).flatten(1).cpu()
    return latent.principal_directions(z, features, network.z_dim)


@spaces.GPU(duration=10)
@torch.inference_mode()
def pictures_of(model: str, step: int, z: Tensor) -> list[Image.Image]:
    """Draw z `(N, z_dim)`, many in one pass."""
    network, place = quick_generator(model, step), device.choose()
    return [picture for part in z.split(MOST) for picture in tensors.as_pictures(network(part.to(place)))]


@spaces.GPU(duration=10)
@torch.inference_mode()
def _attended(model: str, step: int, z: Tensor, place: tuple[float, float]) -> Tensor:
    """The attention `(m, m)`, summing to 1, that one place of one picture pays to all others."""
    network = generator(model, step)
    assert isinstance(network, sagan.Generator)
    (maps,) = network.attended(z.to(network.z_weight.device)).cpu()  # (M, M, m, m)
    column, row = (min(len(maps) - 1, int(coordinate * len(maps))) for coordinate in place)
    return maps[row, column]


def faded(picture: Image.Image, shares: Tensor) -> Image.Image:
    """Fade a picture towards grey where it gets less attention; a fifth of it always stays visible.

    Args:
        picture: a sample.
        shares: `(m, m)` of at least 0, not all 0.
    """
    levels = (255 * (FADED + (1 - FADED) * shares / shares.max())).round().to(torch.uint8)
    mask = Image.fromarray(levels.numpy()).resize(picture.size, Image.Resampling.BICUBIC)
    return Image.composite(picture, Image.new(picture.mode, picture.size, "grey"), mask)
