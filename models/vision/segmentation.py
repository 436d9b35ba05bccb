"""DeepLab v3: which of PASCAL VOC's 20 classes each pixel belongs to (Chen et al., 2017), as a TFLite graph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.graph import Graph

SIDE = 257  # pixels; the whole picture is stretched to a square
BACKGROUND = 0
LABELS = (
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "dining table", "dog", "horse", "motorbike", "person", "potted plant", "sheep", "sofa", "train", "tv or monitor",
)  # fmt: skip


def prepare(picture: Image.Image) -> NDArray[np.float32]:
    """Stretch an RGB picture to what the graph takes: `(1, 257, 257, 3)` in [-1, 1]."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    levels = np.array(small, dtype=np.float32)[None]
    levels /= 127.5
    levels -= 1
    return levels


def segment(graph: Graph, picture: Image.Image) -> NDArray[np.uint8]:
    """The class of each pixel of the stretched picture, `(257, 257)`: numbers of `LABELS`."""
    (scores,) = graph(prepare(picture))
    return scores[0].argmax(-1).astype(np.uint8)
