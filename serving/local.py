"""The engine of this process: the networks on this machine's CPU or GPU, or on a Space's ZeroGPU.

On ZeroGPU each `spaces.GPU` call runs in a forked process whose memory is lost, so whatever is worth keeping is
returned and cached out here. Everywhere else the decorator does nothing.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import spaces
import torch
from PIL import Image
from spaces.config import Config
from torch import Tensor

from models import adain, device, guest, hub, images, latent
from models.checkpoint import WeightsError
from models.dcgan import Generator
from models.guest import Guest
from models.vgg import VGG19
from serving.engine import Z_LIMIT, EngineError, GeneratorInfo
from serving.shelf import Shelf

DEFAULT = "mnist-dcgan"
STYLE = ("vgg19", "adain-decoder")
MEMORY = 2**20 * int(os.environ.get("JUST_LOOK_MEMORY_MB", "2048"))  # of networks, on the device

_shelf = Shelf(MEMORY)
_guests: dict[str, Guest] = {}


@dataclass(frozen=True)
class _Picture:
    """A picture that caches can use as a key."""

    digest: bytes
    image: Image.Image = field(compare=False)

    @classmethod
    def of(cls, image: Image.Image) -> _Picture:
        seen = hashlib.sha256(repr(image.size).encode() + image.tobytes())
        return cls(seen.digest(), image)


class LocalEngine:
    """Runs every request in this process; see `serving.engine.Engine` for what the methods promise."""

    def __init__(self) -> None:
        self._moments = functools.lru_cache(maxsize=256)(_style_moments)  # 4 kB each
        self._features = functools.lru_cache(maxsize=8)(_content_features)  # 5 MB each at 384 px
        self._results = functools.lru_cache(maxsize=16)(self._restyle)
        if Config.zero_gpu:  # there the GPU is handed out to forked processes: what they need has to be on it before
            self.warm_up()

    def restyle(self, content: Image.Image, style: Image.Image, *, strength: float, side: int) -> Image.Image:
        """See `Engine.restyle`."""
        return self._results(_Picture.of(images.fit(content, side)), _Picture.of(images.fit(style, side)), strength)

    def _restyle(self, content: _Picture, style: _Picture, strength: float) -> Image.Image:
        painted = _paint(self._features(content), self._moments(style), strength)
        return images.to_picture(painted[..., : content.image.height, : content.image.width])

    def generators(self) -> list[GeneratorInfo]:
        """See `Engine.generators`."""
        return list(_bundled().values())

    @property
    def welcomes_guests(self) -> bool:
        """See `Engine.welcomes_guests`."""
        return os.environ.get("JUST_LOOK_BRING_YOUR_OWN", "1") != "0"

    def bring(self, address: str) -> GeneratorInfo:
        """See `Engine.bring`."""
        if not self.welcomes_guests:
            raise EngineError("Weights of one's own are switched off here.")
        try:
            found = guest.fetch(address)
        except WeightsError as error:
            raise EngineError(f"These weights can't be used: {error}.") from error
        _guests[found.address] = found
        return _info(found.address)

    def sources(self) -> list[str]:
        """See `Engine.sources`."""
        located = {name: hub.locate(name) for name in (*STYLE, *_bundled())}
        entries = hub.entries()
        return [
            found.notice or f"{name} comes from {entries[name].repo_id} on the Hub, at {entries[name].revision}."
            for name, found in located.items()
            if found.source == "hub" or found.notice
        ]

    def sample(self, model: str, *, step: int, seed: int, count: int) -> list[Image.Image]:
        """See `Engine.sample`."""
        return _draw(model, step, latent.sample_z(seed, count, _checked(model, step).z_dim))

    def latent(self, model: str, *, seed: int, index: int) -> list[float]:
        """See `Engine.latent`."""
        return latent.sample_z(seed, index + 1, _info(model).z_dim)[index].tolist()

    def influential(self, model: str, *, count: int) -> list[int]:
        """See `Engine.influential`."""
        info = _info(model)
        first = _generator(model, info.steps[-1]).state_dict()["layers.0.weight"]  # (z_dim + modes, C, 4, 4)
        strength = (
            first[: info.z_dim].flatten(1).norm(dim=1)
        )  # what a unit of z_i moves, as in SeFa (Shen & Zhou, 2021)
        return strength.argsort(descending=True)[:count].tolist()

    def move(self, model: str, *, step: int, seed: int, index: int, moved: Mapping[int, float]) -> Image.Image:
        """See `Engine.move`."""
        z_dim = _checked(model, step).z_dim
        z = latent.sample_z(seed, index + 1, z_dim)[index]
        for i, value in moved.items():
            if not 0 <= i < z_dim:
                raise EngineError(f"z has the numbers z_0 to z_{z_dim - 1}; there is no z_{i}.")
            if not -Z_LIMIT <= value <= Z_LIMIT:
                raise EngineError(f"z_{i} must lie between {-Z_LIMIT:g} and {Z_LIMIT:g}, got {value:g}.")
            z[i] = value
        return _draw(model, step, z[None])[0]

    def warm_up(self) -> None:
        """Load the networks before the first visitor asks."""
        _encoder(), _decoder()
        for info in self.generators():
            _generator(info.name, info.steps[-1])


@functools.cache
def _bundled() -> dict[str, GeneratorInfo]:
    """The generators in the manifest, the default first; read once, for every request asks."""
    found = {
        name: GeneratorInfo(
            name, entry.title, int(entry.config["z_dim"]), int(entry.config["size"]), tuple(entry.steps), entry.shows
        )
        for name, entry in hub.entries().items()
        if entry.architecture in guest.ARCHITECTURES
    }
    return {DEFAULT: found[DEFAULT], **found}


def _info(name: str) -> GeneratorInfo:
    if name in _guests:
        config = _guests[name].config
        return GeneratorInfo(name, name, config["z_dim"], config["size"], (0,))
    if name not in _bundled():
        raise EngineError(f"There is no generator {name!r:.80}; there are: {', '.join(_bundled())}.")
    return _bundled()[name]


def _checked(name: str, step: int) -> GeneratorInfo:
    info = _info(name)
    if step not in info.steps:
        known = ", ".join(f"{s:,}" for s in info.steps)
        raise EngineError(f"There is no snapshot after {step:,} steps; there are: {known}.")
    return info


def _generator(name: str, step: int) -> Generator:
    def load() -> Generator:
        if name in _guests:
            return guest.load(_guests[name], device=device.choose())
        generator = hub.load(name, step=step, device=device.choose())
        assert isinstance(generator, Generator)
        return generator

    return _shelf.get((name, step), load)


def _encoder() -> VGG19:
    def load() -> VGG19:
        encoder = hub.load("vgg19", device=device.choose())
        assert isinstance(encoder, VGG19)
        return encoder.to(memory_format=torch.channels_last)  # a fifth faster on a CPU

    return _shelf.get("vgg19", load)


def _decoder() -> adain.Decoder:
    def load() -> adain.Decoder:
        decoder = hub.load("adain-decoder", device=device.choose())
        assert isinstance(decoder, adain.Decoder)
        return decoder.to(memory_format=torch.channels_last)

    return _shelf.get("adain-decoder", load)


def _autocast() -> torch.autocast:
    """Half precision where it is fast and does not show; tests/unit/test_half_precision.py says by how much."""
    kind = device.choose().type
    return torch.autocast(kind, torch.float16 if kind == "cuda" else torch.bfloat16, enabled=kind == "cuda")


@spaces.GPU(duration=10)
@torch.inference_mode()
def _draw(model: str, step: int, z: Tensor) -> list[Image.Image]:
    """One channel as ink on paper: the data set stores its digits white on black."""
    pictures = _generator(model, step)(z.to(device.choose())).cpu()  # (N, C, H, W) in [-1, 1]
    if pictures.shape[1] == 1:
        pictures = -pictures
    levels = (127.5 + 127.5 * pictures).round().to(torch.uint8).permute(0, 2, 3, 1)  # (N, H, W, C)
    return [Image.fromarray(level.squeeze(-1).numpy()) for level in levels]


@spaces.GPU(duration=10)
@torch.inference_mode()
def _style_moments(style: _Picture) -> adain.Moments:
    with _autocast():
        features = adain.encode(_encoder(), images.to_tensor(style.image).to(device.choose()))
    return adain.moments(features.float()).cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _content_features(content: _Picture) -> Tensor:
    with _autocast():
        return adain.encode(_encoder(), images.to_tensor(content.image).to(device.choose())).float().cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _paint(features: Tensor, moments: adain.Moments, strength: float) -> Tensor:
    place = device.choose()
    with _autocast():
        return adain.decode(_decoder(), features.to(place), moments.to(place), strength=strength).float().cpu()
