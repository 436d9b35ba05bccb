"""EfficientDet-Lite0: boxes around things of COCO's 80 kinds (Tan, Pang & Le, CVPR 2020), as a TFLite graph."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from models.graph import Graph

SIDE = 320  # pixels; the whole picture is stretched to a square
LABELS = "labelmap.txt"  # in the graph's file, which is a ZIP archive too; https://ai.google.dev/edge/litert/metadata


class Detected(NamedTuple):
    """A box; its sides are fractions of the picture's, 0 … 1."""

    kind: int
    probability: float
    left: float
    top: float
    right: float
    bottom: float


def prepare(picture: Image.Image) -> np.ndarray:
    """Stretch an RGB picture to what the graph takes: uint8 `(1, 320, 320, 3)`."""
    return np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0))[None]


def detect(graph: Graph, picture: Image.Image, *, least: float) -> list[Detected]:
    """Find things in an RGB picture: at most 25, the likeliest first.

    Args:
        graph: EfficientDet-Lite0, whose last layer has already removed boxes that cover another of their kind.
        picture: of mode RGB.
        least: probability of the boxes that are returned, at least.
    """
    boxes, kinds, probabilities, _ = graph(prepare(picture))
    things = []
    for kind, probability, sides in zip(kinds[0], probabilities[0], boxes[0].clip(0, 1), strict=True):
        top, left, bottom, right = map(float, sides)
        if probability >= least and right > left and bottom > top:
            things.append(Detected(int(kind), float(probability), left, top, right, bottom))
    return sorted(things, key=lambda box: -box.probability)


def labels(path: Path) -> tuple[str, ...]:
    """The name of each kind, out of the graph's file; COCO has gaps in its numbers."""
    with zipfile.ZipFile(path) as archive:
        return tuple(archive.read(LABELS).decode().splitlines())
