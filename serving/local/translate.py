"""Redrawing pictures there and back in this process."""

from __future__ import annotations

import functools

import numpy as np
import spaces
import torch
from PIL import Image, ImageOps

from models import device, tensors
from models.gan import cyclegan
from models.gan.training import recipe
from models.hub import loading
from serving.engine.errors import EngineError
from serving.engine.translate import Translation, TranslatorInfo
from serving.local import networks


class LocalTranslator:
    """The part of the engine that redraws; see `serving.engine.translate.StyleTranslator`."""

    def translators(self) -> list[TranslatorInfo]:
        return list(_translators().values())

    def translate(self, picture: Image.Image, *, model: str, step: int, pair: Image.Image | None = None) -> Translation:
        info = _translators().get(model)
        if info is None:
            raise EngineError(f"There is no translator {model!r:.80}; there are: {', '.join(_translators())}.")
        if step not in info.steps:
            known = ", ".join(f"{s:,}" for s in info.steps)
            raise EngineError(f"There is no snapshot after {step:,} steps; there are: {known}.")
        start = fitted(picture, info.size)
        there = _redrawn(model, step, start)
        back = _redrawn(_way_back(info), step, there)
        true = None if pair is None else fitted(pair, info.size)
        return Translation(
            start,
            there,
            back,
            difference(start, back),
            None if true is None else difference(there, true),
            None if true is None else difference(start, true),
        )


@functools.cache
def _translators() -> dict[str, TranslatorInfo]:
    """The translators of the manifest that have one that leads back; a name ends in `-SOURCE-to-TARGET`."""
    infos = {}
    for name, entry in loading.entries().items():
        if entry.architecture != cyclegan.Translator.architecture:
            continue
        settings = next(known for known in recipe.cycle_names()[::-1] if name.startswith(f"{known}-"))
        source, _, target = name.removeprefix(f"{settings}-").partition("-to-")
        infos[name] = TranslatorInfo(name, source, target, recipe.read_cycle(settings).size, tuple(entry.steps))
    return {name: info for name, info in infos.items() if _way_back(info) in infos}


def _way_back(info: TranslatorInfo) -> str:
    start = info.name.removesuffix(f"{info.source}-to-{info.target}")
    return f"{start}{info.target}-to-{info.source}"


@spaces.GPU(duration=10)
@torch.inference_mode()
def _redrawn(model: str, step: int, picture: Image.Image) -> Image.Image:
    def load() -> cyclegan.Translator:
        network = loading.load(model, step=step, device=device.choose())
        assert isinstance(network, cyclegan.Translator)
        return network

    network = networks.cache.get((model, step), load)
    levels = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None]  # (1, 3, H, W) in 0 … 255
    pixels = tensors.from_uint8(levels).to(next(network.parameters()).device)
    drawn = tensors.to_uint8(network(pixels)[0].cpu()).permute(1, 2, 0)
    return Image.fromarray(drawn.contiguous().numpy())


def fitted(picture: Image.Image, size: int) -> Image.Image:
    """The whole picture in the middle of a white square of `size` pixels, as RGB."""
    return ImageOps.pad(picture.convert("RGB"), (size, size), Image.Resampling.BOX, color="white")


def difference(first: Image.Image, second: Image.Image) -> float:
    """The mean difference of two pictures of one size, in percent of black to white."""
    levels = [np.asarray(picture, dtype=np.float32) for picture in (first, second)]
    return float(np.abs(levels[0] - levels[1]).mean() / 2.55)
