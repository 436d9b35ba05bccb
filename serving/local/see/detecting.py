"""A detector of machine-made pictures; `serving.engine.detecting.MachineDetector` documents the methods."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import Image

from models import cache
from models.vision import machine_made
from models.vision.machine_made import DetectorMissingError, MachineMadeDetector
from serving.engine.detecting import DetectorOpinion
from serving.engine.errors import EngineError

INSTALL = (
    f"The detector is not installed: its files have 90 MB. `pip install onnxruntime` and `python -m training.detector` "
    f"fetch it; on a Space, add onnxruntime and {machine_made.PACKAGE}=={machine_made.VERSION} to requirements.txt."
)


class LocalDetector:
    """The part of the engine that asks the detector."""

    def detector_missing(self) -> str:
        there = machine_made.runs_here() and machine_made.folder([cache.folder()]) is not None
        return "" if there else INSTALL

    def machine_made(self, picture: Image.Image) -> DetectorOpinion:
        folder = machine_made.folder([cache.folder()])
        if folder is None or not machine_made.runs_here():
            raise EngineError(INSTALL)
        try:
            score = _loaded(folder).score(picture)
        except DetectorMissingError as error:
            raise EngineError(f"The detector can't be loaded: {error}. {INSTALL}") from None
        return DetectorOpinion(score, machine_made.THRESHOLD)


@functools.lru_cache(1)
def _loaded(folder: Path) -> MachineMadeDetector:
    return MachineMadeDetector(folder)
