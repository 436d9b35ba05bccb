"""Sampling of generators, bundled and brought, on this machine."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping

import spaces
import torch
from PIL import Image
from torch import Tensor

from models import device
from models.errors import WeightsError
from models.gan import generators, latent, sagan
from models.gan.generators import Generator
from models.hub import guest, loading
from models.hub.guest import Guest
from serving.engine.errors import EngineError
from serving.engine.sampling import Z_LIMIT, GeneratorInfo, Way, Waypoint
from serving.local import networks

DEFAULT = "mnist-dcgan"
LEFT = 0.2  # of a picture, where nothing looks

_guests: dict[str, Guest] = {}


class Sampling:
    """The part of the engine that samples; see `serving.engine.sampling.Sampler` for what the methods promise."""

    def generators(self) -> list[GeneratorInfo]:
        """See `Sampler.generators`."""
        return list(bundled().values())

    @property
    def welcomes_guests(self) -> bool:
        """See `Sampler.welcomes_guests`."""
        return os.environ.get("JUST_LOOK_BRING_YOUR_OWN", "1") != "0"

    def bring(self, address: str) -> GeneratorInfo:
        """See `Sampler.bring`."""
        if not self.welcomes_guests:
            raise EngineError("Weights of one's own are switched off here.")
        try:
            found = guest.fetch(address)
        except WeightsError as error:
            raise EngineError(f"These weights can't be used: {error}.") from error
        _guests[found.address] = found
        return _info(found.address)

    def sample(self, model: str, *, step: int, seed: int, count: int) -> list[Image.Image]:
        """See `Sampler.sample`."""
        return _draw(model, step, latent.sample_z(seed, count, _checked(model, step).z_dim))

    def latent(self, model: str, *, seed: int, index: int) -> list[float]:
        """See `Sampler.latent`."""
        return latent.sample_z(seed, index + 1, _info(model).z_dim)[index].tolist()

    def influential(self, model: str, *, count: int) -> list[int]:
        """See `Sampler.influential`."""
        info = _info(model)
        strength = generator(model, info.steps[-1]).z_weight.norm(dim=1)  # what a unit of z_i moves
        return strength.argsort(descending=True)[:count].tolist()

    def walk(self, model: str, *, step: int, seed: int, ends: tuple[int, int], count: int, way: Way) -> list[Waypoint]:
        """See `Sampler.walk`."""
        drawn = latent.sample_z(seed, max(ends) + 1, _checked(model, step).z_dim)
        go = {"slerp": latent.slerp, "lerp": latent.lerp}[way]
        z = torch.stack([go(drawn[ends[0]], drawn[ends[1]], i / (count - 1)) for i in range(count)])
        return [Waypoint(*one) for one in zip(_draw(model, step, z), z.norm(dim=1).tolist(), strict=True)]

    def attention(self, model: str, *, step: int, seed: int, index: int, place: tuple[float, float]) -> Image.Image:
        """See `Sampler.attention`."""
        info = _checked(model, step)
        if not info.attends:
            raise EngineError(f"{info.title} has no attention to show.")
        z = latent.sample_z(seed, index + 1, info.z_dim)[index : index + 1]
        (picture,) = _draw(model, step, z)
        return lit(picture, _attended(model, step, z, place))

    def move(self, model: str, *, step: int, seed: int, index: int, moved: Mapping[int, float]) -> Image.Image:
        """See `Sampler.move`."""
        z_dim = _checked(model, step).z_dim
        z = latent.sample_z(seed, index + 1, z_dim)[index]
        for i, value in moved.items():
            if not 0 <= i < z_dim:
                raise EngineError(f"z has the numbers z_0 to z_{z_dim - 1}; there is no z_{i}.")
            if not -Z_LIMIT <= value <= Z_LIMIT:
                raise EngineError(f"z_{i} must lie between {-Z_LIMIT:g} and {Z_LIMIT:g}, got {value:g}.")
            z[i] = value
        return _draw(model, step, z[None])[0]


@functools.cache
def bundled() -> dict[str, GeneratorInfo]:
    """The generators in the manifest, the default first; read once, for every request asks."""
    found = {
        name: GeneratorInfo(
            name,
            entry.title,
            int(entry.config["z_dim"]),
            int(entry.config["size"]),
            tuple(entry.steps),
            entry.shows,
            attends=entry.architecture == sagan.Generator.architecture,
        )
        for name, entry in loading.entries().items()
        if entry.architecture in generators.ARCHITECTURES
    }
    return {DEFAULT: found[DEFAULT], **found}


def _info(name: str) -> GeneratorInfo:
    if name in _guests:
        known = _guests[name]
        attends = known.architecture == sagan.Generator.architecture
        return GeneratorInfo(name, name, known.config["z_dim"], known.config["size"], (0,), attends=attends)
    if name not in bundled():
        raise EngineError(f"There is no generator {name!r:.80}; there are: {', '.join(bundled())}.")
    return bundled()[name]


def _checked(name: str, step: int) -> GeneratorInfo:
    info = _info(name)
    if step not in info.steps:
        known = ", ".join(f"{s:,}" for s in info.steps)
        raise EngineError(f"There is no snapshot after {step:,} steps; there are: {known}.")
    return info


def generator(name: str, step: int) -> Generator:
    """The generator of that name as it was after `step` steps."""

    def load() -> Generator:
        if name in _guests:
            return guest.load(_guests[name], device=device.choose())
        network = loading.load(name, step=step, device=device.choose())
        assert isinstance(network, Generator)
        return network

    return networks.cache.get((name, step), load)


@spaces.GPU(duration=10)
@torch.inference_mode()
def _draw(model: str, step: int, z: Tensor) -> list[Image.Image]:
    """One channel as ink on paper: the data set stores its digits white on black."""
    pictures = generator(model, step)(z.to(device.choose())).cpu()  # (N, C, H, W) in [-1, 1]
    if pictures.shape[1] == 1:
        pictures = -pictures
    levels = (127.5 + 127.5 * pictures).round().to(torch.uint8).permute(0, 2, 3, 1)  # (N, H, W, C)
    return [Image.fromarray(level.squeeze(-1).numpy()) for level in levels]


@spaces.GPU(duration=10)
@torch.inference_mode()
def _attended(model: str, step: int, z: Tensor, place: tuple[float, float]) -> Tensor:
    """The shares `(m, m)`, summing to 1, of what one place of one picture looks at."""
    network = generator(model, step)
    assert isinstance(network, sagan.Generator)
    (maps,) = network.attended(z.to(device.choose())).cpu()  # (M, M, m, m)
    column, row = (min(len(maps) - 1, int(one * len(maps))) for one in place)
    return maps[row, column]


def lit(picture: Image.Image, shares: Tensor) -> Image.Image:
    """Fade a picture towards grey where it is looked at less; a fifth of it is always left, to see what lies around.

    Args:
        picture: a sample.
        shares: `(m, m)` of at least 0, not all 0.
    """
    levels = (255 * (LEFT + (1 - LEFT) * shares / shares.max())).round().to(torch.uint8)
    mask = Image.fromarray(levels.numpy()).resize(picture.size, Image.Resampling.BICUBIC)
    return Image.composite(picture, Image.new(picture.mode, picture.size, "grey"), mask)
