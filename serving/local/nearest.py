"""The training pictures nearest to a sample, from a file that a command writes on the first demand.

The command is `python -m training.nearest`: it fetches the data set and looks at 60,000 pictures, which takes a minute
and half a gigabyte, so it runs in a process of its own and ends with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spaces
import torch
from PIL import Image
from safetensors import safe_open
from torch import Tensor

from models import cache
from models.gan import latent
from models.hub import loading
from serving.engine.errors import EngineError
from serving.engine.nearest import NearestPictures, NearestStep
from serving.local import classifiers
from serving.local.sampling import bundled, generator, info_at, pictures_of

ROOT = Path(__file__).parents[2]
MOST = 10  # training pictures of one call
COMMAND = "training.nearest"
PATIENCE = {  # the fetching tools give up soon, for somebody waits
    "npm_config_fetch_retries": "0",
    "npm_config_fetch_timeout": "30000",
    "PIP_RETRIES": "0",
    "PIP_DEFAULT_TIMEOUT": "30",
}


class LocalNearest:
    """The part of the engine that searches training pictures; see `serving.engine.nearest.NearestFinder`."""

    def remembered(self) -> frozenset[str]:
        return frozenset(name for name in bundled() if classifiers.data_set(name))

    def nearest(self, model: str, *, step: int, seed: int, index: int, count: int = 3) -> Iterator[NearestStep]:
        info = info_at(model, step)
        data = classifiers.data_set(model)
        if data is None:
            raise EngineError(f"The training pictures of {info.title} can't be searched.")
        if not 1 <= count <= MOST:
            raise EngineError(f"1 to {MOST} training pictures can be asked for, not {count}.")
        z = latent.sample_z(seed, index + 1, info.z_dim)[index : index + 1]
        return _search(data, model, step, z, count)


def _search(data: str, model: str, step: int, z: Tensor, count: int) -> Iterator[NearestStep]:
    file = _file(data)
    if not file.exists():
        yield from _written(data, file)
    yield NearestStep("Searching the training pictures", 0, 1)
    (sample,) = pictures_of(model, step, z)
    features = _features(data, model, step, z)
    with safe_open(file, "pt") as stored:
        distances = torch.cdist(features, stored.get_tensor("features").float())[0]
        nearest = distances.topk(count, largest=False)
        pictures = stored.get_slice("pictures")
        pictures_near = tuple(_picture(pictures[int(i) : int(i) + 1]) for i in nearest.indices)
        usual = stored.get_tensor("usual").item()
    result = NearestPictures(sample, pictures_near, tuple(nearest.values.tolist()), usual, len(distances))
    yield NearestStep("Done", 1, 1, result)


def _file(data: str) -> Path:
    """Where the command's file is kept: a new one for each version of the classifier."""
    version = loading.entries()[classifiers.NAMES[data]].file().sha256[:12]
    return cache.folder() / "nearest" / f"{data}-{version}.safetensors"


def _written(data: str, file: Path) -> Iterator[NearestStep]:
    """Run the command and pass its progress on; closing this ends the command.

    Raises:
        EngineError: it failed.
    """
    command = subprocess.Popen(
        [sys.executable, "-m", COMMAND, data, str(file)],
        cwd=ROOT,
        env={**os.environ, **PATIENCE},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    reason = "The training pictures could not be looked at"
    try:
        assert command.stdout is not None
        for line in command.stdout:
            step = _line(line)
            reason = step.get("error", reason)
            if "doing" in step:
                yield NearestStep(step["doing"], step["done"], step["total"])
        if command.wait():
            raise EngineError(f"{reason}. Try again when this server has a connection.")
    finally:
        command.terminate()
        command.wait()


def _line(line: str) -> dict[str, Any]:
    """A line of JSON; what a library printed in between is none."""
    with contextlib.suppress(json.JSONDecodeError):
        step = json.loads(line)
        return step if isinstance(step, dict) else {}
    return {}


@spaces.GPU(duration=10)
@torch.inference_mode()
def _features(data: str, model: str, step: int, z: Tensor) -> Tensor:
    """What the classifier sees in the picture of z `(1, z_dim)`, `(1, D)`."""
    network = generator(model, step)
    return classifiers.look(data, network(z.to(network.z_weight.device)).float()).features


def _picture(levels: Tensor) -> Image.Image:
    """A training picture `(1, C, H, W)` as samples are shown: digits dark on white."""
    picture = levels[0].permute(1, 2, 0)
    return Image.fromarray((255 - picture[..., 0] if picture.shape[2] == 1 else picture).contiguous().numpy())
