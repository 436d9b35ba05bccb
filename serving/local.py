"""The engine of this process: the networks on this machine's CPU or GPU, or on a Space's ZeroGPU.

On ZeroGPU each `spaces.GPU` call runs in a forked process whose memory is lost, so whatever is worth keeping is
returned and cached out here. Everywhere else the decorator does nothing.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import spaces
import torch
from PIL import Image
from spaces.config import Config
from torch import Tensor

from models import adain, device, hub, images, latent
from models.dcgan import Generator
from models.vgg import VGG19
from serving.engine import Z_LIMIT, EngineError, GeneratorInfo

GENERATORS = ("mnist-dcgan",)


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
        return [_info(name) for name in GENERATORS]

    def sample(self, model: str, *, step: int, seed: int, count: int) -> list[Image.Image]:
        """See `Engine.sample`."""
        return _draw(model, step, latent.sample_z(seed, count, _checked(model, step).z_dim))

    def latent(self, model: str, *, seed: int, index: int) -> list[float]:
        """See `Engine.latent`."""
        return latent.sample_z(seed, index + 1, _info(model).z_dim)[index].tolist()

    def influential(self, model: str, *, count: int) -> list[int]:
        """See `Engine.influential`."""
        return _influential(model)[:count]

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
        _style_networks()
        for info in self.generators():
            _generator(info.name, info.steps[-1])


def _info(name: str) -> GeneratorInfo:
    if name not in GENERATORS:
        raise EngineError(f"There is no generator {name!r}; there are: {', '.join(GENERATORS)}.")
    entry = hub.entries()[name]
    z_dim, size = int(entry.config["z_dim"]), int(entry.config["size"])
    return GeneratorInfo(name, entry.title, z_dim, size, tuple(entry.steps))


def _checked(name: str, step: int) -> GeneratorInfo:
    info = _info(name)
    if step not in info.steps:
        known = ", ".join(f"{s:,}" for s in info.steps)
        raise EngineError(f"There is no snapshot after {step:,} steps; there are: {known}.")
    return info


@functools.cache
def _generator(name: str, step: int) -> Generator:
    generator = hub.load(name, step=step, device=device.choose())
    assert isinstance(generator, Generator)
    return generator


@functools.cache
def _style_networks() -> tuple[VGG19, adain.Decoder]:
    """VGG-19 up to relu4_1 and the decoder; channels_last is a fifth faster on a CPU."""
    encoder, decoder = hub.load("vgg19", device=device.choose()), hub.load("adain-decoder", device=device.choose())
    assert isinstance(encoder, VGG19)
    assert isinstance(decoder, adain.Decoder)
    return encoder.to(memory_format=torch.channels_last), decoder.to(memory_format=torch.channels_last)


@functools.cache
def _influential(model: str) -> list[int]:
    """Order z_i by the norm of the first layer's weights that read it, as SeFa does (Shen & Zhou, 2021)."""
    first = _generator(model, _info(model).steps[-1]).state_dict()["layers.0.weight"]  # (z_dim, C, 4, 4)
    return first.flatten(1).norm(dim=1).argsort(descending=True).tolist()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _draw(model: str, step: int, z: Tensor) -> list[Image.Image]:
    """Digits as ink on paper: the data set stores them white on black."""
    pictures = _generator(model, step)(z.to(device.choose())).cpu()  # (N, 1, H, W) in [-1, 1]
    levels = (127.5 - 127.5 * pictures).round().to(torch.uint8)
    return [Image.fromarray(level[0].numpy()) for level in levels]


@spaces.GPU(duration=10)
@torch.inference_mode()
def _style_moments(style: _Picture) -> adain.Moments:
    encoder, _ = _style_networks()
    return adain.style_moments(encoder, images.to_tensor(style.image).to(device.choose())).cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _content_features(content: _Picture) -> Tensor:
    encoder, _ = _style_networks()
    return adain.encode(encoder, images.to_tensor(content.image).to(device.choose())).cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _paint(features: Tensor, moments: adain.Moments, strength: float) -> Tensor:
    _, decoder = _style_networks()
    place = device.choose()
    return adain.decode(decoder, features.to(place), moments.to(place), strength=strength).cpu()
