"""The picture that an arm draws for an item: of one size and mode for all arms, and with nothing but its pixels."""

from __future__ import annotations

import functools
import hashlib
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from evaluation.qualitative.study import collection, real
from evaluation.qualitative.study.arms import (
    AdaINArm,
    Arm,
    FilterArm,
    GatysArm,
    GeneratorArm,
    HubArm,
    PicturesArm,
    RealArm,
    StudyError,
)
from evaluation.qualitative.study.schema import GAP, Study
from evaluation.qualitative.study.seeds import Seeds
from models.style.options import Options, Weights
from serving.engine import Engine
from serving.engine.painting import Painting
from serving.engine.settings import RestyleSettings

PLAIN = Seeds()
GREY = (0.299, 0.587, 0.114)  # of R, G and B in luma (ITU-R BT.601), as Pillow's mode L
FILTERS: dict[str, tuple[float, ...]] = {  # what R, G and B take from the photograph's R, G, B, and a constant
    "grey": (*GREY, 0, *GREY, 0, *GREY, 0),
    "sepia": (0.393, 0.769, 0.189, 0, 0.349, 0.686, 0.168, 0, 0.272, 0.534, 0.131, 0),
    "warm": (1.1, 0, 0, 8, 0, 1, 0, 0, 0, 0, 0.85, -4),
    "cool": (0.85, 0, 0, -4, 0, 1, 0, 0, 0, 0, 1.1, 8),
}


def render(study: Study, arm: Arm, item: str, engine: Engine, *, seeds: Seeds = PLAIN) -> Image.Image:
    """Draw an arm's picture of an item.

    Args:
        study: decides size and mode.
        arm: one of the study's.
        item: id of one of its items.
        engine: draws what needs a network.
        seeds: move the seed of the item; by default it is taken as it is.

    Returns:
        A picture of `study.size` and `study.mode`, the same whenever it is drawn.

    Raises:
        StudyError: there is no such item, or a file of the study is missing or no picture.
        EngineError: the engine can't draw it; the message says why.
    """
    if not study.items.holds(item):
        raise StudyError(f"study {study.name!r} has no item {item!r:.80}")
    if study.items.kind == "seeds":
        samples = _samples(study, arm, seeds.drawn(int(item)), engine)
        drawn = _sheet([_cell(sample, study.side or 32) for sample in samples])
    elif isinstance(arm, PicturesArm):
        drawn = collection.find(study.origin.assets, arm.path).picture(item)
    else:
        drawn = _restyled(study, arm, *study.items.combinations[item], engine)
    return _alike(study, drawn)


def inputs(study: Study, item: str) -> tuple[Image.Image, Image.Image] | None:
    """The photo and the painting of an item, as raters see them beside its pictures; None where they do not.

    Returns:
        The photo as every arm gets it, of `study.size`, and the whole painting, no side longer than that.

    Raises:
        StudyError: a file of the study is missing or no picture.
    """
    if not study.items.show_inputs:
        return None
    content, style = (_opened(study, name).convert("RGB") for name in study.items.combinations[item])
    photo = ImageOps.fit(content, study.size, Image.Resampling.LANCZOS)
    return photo, ImageOps.contain(style, study.size, Image.Resampling.LANCZOS)


def encode(picture: Image.Image) -> bytes:
    """Encode a picture as PNG with nothing but its pixels.

    Uncompressed, all pictures of one size and mode have one length; compressed, it would tell noise from digits.
    """
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    encoded = io.BytesIO()
    bare.save(encoded, "PNG", compress_level=0)
    return encoded.getvalue()


def origins(study: Study, arm: Arm, item: str, *, seeds: Seeds = PLAIN) -> list[str]:
    """Digests of the files that the picture is made from; when one changes, so does the picture.

    Raises:
        StudyError: one is missing.
    """
    if isinstance(arm, PicturesArm):
        held = collection.find(study.origin.assets, arm.path)
        stems = [item] if study.items.kind != "seeds" else _picked(held.stems, seeds.drawn(int(item)), study.sheet)
        return [_digest(held.raw(stem)) for stem in stems]
    if study.items.kind == "style":
        return [
            _digest(collection.picture_path(study.origin.assets, name).read_bytes())
            for name in study.items.combinations[item]
        ]
    return []


def _samples(study: Study, arm: Arm, seed: int, engine: Engine) -> Sequence[Image.Image]:
    match arm:
        case GeneratorArm():
            return engine.sample(arm.model, step=arm.step, seed=seed, count=study.sheet).pictures
        case HubArm():
            name, step = _brought(engine, arm.address)
            return engine.sample(name, step=step, seed=seed, count=study.sheet).pictures
        case RealArm():
            return real.pick(arm.data, seed=seed, count=study.sheet)
        case PicturesArm():
            held = collection.find(study.origin.assets, arm.path)
            return [held.picture(stem) for stem in _picked(held.stems, seed, study.sheet)]
        case _:
            raise StudyError(f"arm {arm.id!r} can't draw from a seed")


def _restyled(study: Study, arm: Arm, content_name: str, style_name: str, engine: Engine) -> Image.Image:
    content = ImageOps.fit(_opened(study, content_name), study.size, Image.Resampling.LANCZOS)
    match arm:
        case FilterArm(filter="none"):
            return content
        case FilterArm():
            return content.convert("RGB", FILTERS[arm.filter])
        case AdaINArm():
            style = _opened(study, style_name)
            settings = RestyleSettings(strength=arm.strength, side=max(study.size), network="adain")
            return engine.restyled(content, [style], settings).after
        case GatysArm():
            weights = Weights(content=arm.content_weight, style=arm.style_weight)
            *_, last = engine.paint(
                content,
                [Painting(_opened(study, style_name))],
                side=max(study.size),
                options=Options(weights=weights, steps=arm.steps),
                start="adain",  # as the pictures of published studies were made
            )
            return last.picture
        case _:
            raise StudyError(f"arm {arm.id!r} can't restyle a photo")


def _alike(study: Study, picture: Image.Image) -> Image.Image:
    """Bring any picture into the study's size and mode, on white, and through JPEG where the study says so."""
    picture = _cell(picture, study.size[0]).convert(study.mode)
    if study.jpeg_quality is not None:
        compressed = io.BytesIO()
        picture.save(compressed, "JPEG", quality=study.jpeg_quality)
        picture = Image.open(compressed).convert(study.mode)
    picture.info.clear()
    return picture


def _cell(picture: Image.Image, side: int) -> Image.Image:
    """Fit a picture into a white square; small ones are enlarged by whole factors without blur."""
    if picture.size == (side, side):
        return picture
    if picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    whole = side % max(picture.size) == 0
    return ImageOps.pad(
        picture,
        (side, side),
        Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS,
        color="white",
    )


def _sheet(samples: Sequence[Image.Image]) -> Image.Image:
    """Lay samples of one size out in the smallest square sheet, row by row, with a gap around each."""
    columns = math.isqrt(len(samples) - 1) + 1
    side = samples[0].width
    pitch = side + GAP
    sheet = Image.new(samples[0].mode, (columns * pitch + GAP,) * 2, "white")
    for i, sample in enumerate(samples):
        row, column = divmod(i, columns)
        sheet.paste(sample, (GAP + column * pitch, GAP + row * pitch))
    return sheet


def _picked(stems: list[str], seed: int, count: int) -> list[str]:
    """Pick without repeats; the same seed picks the same."""
    return [stems[i] for i in np.random.RandomState(seed).permutation(len(stems))[:count]]


def _opened(study: Study, name: str) -> Image.Image:
    path = collection.picture_path(study.origin.assets, name)
    return _decoded(path, name, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _decoded(path: Path, name: str, changed: int) -> Image.Image:  # noqa: ARG001 - another time is another picture
    return collection.decode(path.read_bytes(), name)


@functools.lru_cache(maxsize=64)
def _brought(engine: Engine, address: str) -> tuple[str, int]:
    """Bring a generator once: asking the Hub again for every picture would keep raters waiting."""
    guest = engine.bring(address)
    return guest.name, guest.steps[-1]


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
