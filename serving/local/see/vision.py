"""Looking at one picture on this machine; `serving.engine.vision.PictureViewer` documents the methods."""

from __future__ import annotations

import colorsys
import functools
from collections.abc import Sequence

import numpy as np
import spaces
import torch
from PIL import Image

from models import device
from models.graph import Graph
from models.hub import loading, manifest
from models.vision import detection, efficientnet, segmentation
from serving.engine.errors import EngineError
from serving.engine.vision import LEAST, Box, Explanation, Guess, Segment, Segments
from serving.local import networks, restyling

LABELS = "labels.txt"  # beside the classifier's weights
DETECTOR, SEGMENTER = "efficientdet-lite0", "deeplab-v3"
MOST_THREADS = 4  # of a graph: more don't make it quicker
COLOURED, HEAT = 160, 150  # 0 … 255: how much an overlay covers of the picture
HEAT_SIDE = 28  # pixels of a heat map, whose network has 7 × 7 places


class LocalViewer:
    """The part of the engine that looks at pictures."""

    def classify(self, picture: Image.Image, *, top: int = 5) -> list[Guess]:
        labels = imagenet_labels()
        return [Guess(labels[kind], probability, kind) for kind, probability in _classified(picture, top)]

    def explain(self, picture: Image.Image, kinds: Sequence[int]) -> list[Explanation]:
        count = len(imagenet_labels())
        if not all(0 <= kind < count for kind in kinds):
            raise EngineError(f"Each class is a number from 0 to {count - 1}.")
        width, height = picture.size
        left, top, right, bottom = efficientnet.middle(picture.size)
        box = (left / width, top / height, right / width, bottom / height)
        return [Explanation(box, _heat(levels)) for levels in _activations(picture, tuple(kinds))]

    def detect(self, picture: Image.Image) -> list[Box]:
        names = coco_labels()
        return [Box(names[thing.kind], *thing[1:]) for thing in detection.detect(detector(), picture, least=LEAST)]

    def segment(self, picture: Image.Image) -> Segments:
        classes = segmentation.segment(segmenter(), picture)
        counts = np.bincount(classes.ravel(), minlength=len(segmentation.LABELS))
        covering = [
            kind for kind in counts.argsort()[::-1].tolist() if counts[kind] and kind != segmentation.BACKGROUND
        ]
        palette = _palette()
        return Segments(
            tuple(
                Segment(segmentation.LABELS[kind], float(counts[kind]) / classes.size, _hex(palette[kind]))
                for kind in covering
            ),
            Image.fromarray(palette.take(classes, axis=0)),
        )

    def subject(self, picture: Image.Image) -> Image.Image:
        mask = restyling.find_subject(picture)
        if not restyling.has_subject(mask):
            raise EngineError("Nothing stands out in this picture. Choose one with a subject.")
        return mask

    def ready_to_view(self) -> None:
        networks.image_classifier(), networks.subject_finder()
        detector(), segmenter(), imagenet_labels()


@functools.cache
def detector() -> Graph:
    """EfficientDet-Lite0, which draws boxes around things."""
    return loading.load_graph(DETECTOR, threads=_threads())


@functools.cache
def segmenter() -> Graph:
    """DeepLab v3, which gives each pixel a class."""
    return loading.load_graph(SEGMENTER, threads=_threads())


@functools.cache
def imagenet_labels() -> tuple[str, ...]:
    """The name of each class of the classifier, in the order of its logits."""
    text = (manifest.FOLDER / networks.IMAGE_CLASSIFIER / LABELS).read_text(encoding="utf-8")
    return tuple(text.splitlines())


@functools.cache
def coco_labels() -> tuple[str, ...]:
    """The name of each kind that the detector knows."""
    return detection.labels(loading.locate(DETECTOR).path)


@spaces.GPU(duration=5)
@torch.inference_mode()
def _classified(picture: Image.Image, top: int) -> list[tuple[int, float]]:
    """The likeliest classes by number, with their probabilities."""
    logits = networks.image_classifier()(efficientnet.prepare(picture).to(device.choose()))
    values, kinds = logits[0].softmax(0).topk(top)
    return list(zip(kinds.tolist(), values.tolist(), strict=True))


@spaces.GPU(duration=5)
@torch.inference_mode()
def _activations(picture: Image.Image, kinds: tuple[int, ...]) -> list[np.ndarray]:
    """What each place adds to each class, `(7, 7)`."""
    network = networks.image_classifier()
    features = network.features(efficientnet.prepare(picture).to(device.choose()))
    return [efficientnet.activation_map(network, features, kind).cpu().numpy() for kind in kinds]


def _heat(levels: np.ndarray) -> Image.Image:
    """An activation map as colours, the places that speak for the class warm; all of them alike are all cold."""
    from matplotlib import colormaps  # takes long to load, and the app starts without it

    positive = levels.clip(0) / max(float(levels.max()), 1e-6)
    side = (HEAT_SIDE, HEAT_SIDE)
    smooth = np.asarray(Image.fromarray(positive.astype(np.float32)).resize(side, Image.Resampling.BICUBIC))
    colours = colormaps["inferno"](smooth.clip(0, 1), bytes=True)  # (H, W, 4) in 0 … 255
    colours[..., 3] = HEAT
    return Image.fromarray(colours)


@functools.cache
def _palette() -> np.ndarray:
    """The colour of each class, RGBA; neighbours in the list are far apart in hue, and the background is clear."""
    colours = np.zeros((len(segmentation.LABELS), 4), dtype=np.uint8)
    for kind in range(1, len(colours)):
        rgb = colorsys.hsv_to_rgb(kind * 0.618 % 1, 0.85, 1)
        colours[kind] = [*(round(255 * level) for level in rgb), COLOURED]
    return colours


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{level:02x}" for level in colour[:3].tolist())


def _threads() -> int:
    return min(MOST_THREADS, torch.get_num_threads())
