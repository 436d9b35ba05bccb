"""Looking at one picture on this machine; `serving.engine.vision.PictureViewer` documents the methods."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import spaces
import torch
from PIL import Image

from models import device
from models.hub import manifest
from models.vision import efficientnet
from serving.engine.vision import Box, Explanation, Guess, Segments
from serving.local import networks

LABELS = "labels.txt"  # beside the classifier's weights


class LocalViewer:
    """The part of the engine that looks at pictures."""

    def classify(self, picture: Image.Image, *, top: int = 5) -> list[Guess]:
        labels = imagenet_labels()
        return [Guess(labels[kind], probability, kind) for kind, probability in _classified(picture, top)]

    def explain(self, picture: Image.Image, kinds: Sequence[int]) -> list[Explanation]:
        raise NotImplementedError

    def detect(self, picture: Image.Image) -> list[Box]:
        raise NotImplementedError

    def segment(self, picture: Image.Image) -> Segments:
        raise NotImplementedError

    def subject(self, picture: Image.Image) -> Image.Image:
        raise NotImplementedError

    def ready_to_view(self) -> None:
        networks.image_classifier()


@functools.cache
def imagenet_labels() -> tuple[str, ...]:
    """The name of each class of the classifier, in the order of its logits."""
    text = (manifest.FOLDER / networks.IMAGE_CLASSIFIER / LABELS).read_text(encoding="utf-8")
    return tuple(text.splitlines())


@spaces.GPU(duration=5)
@torch.inference_mode()
def _classified(picture: Image.Image, top: int) -> list[tuple[int, float]]:
    """The likeliest classes by number, with their probabilities."""
    logits = networks.image_classifier()(efficientnet.prepare(picture).to(device.choose()))
    values, kinds = logits[0].softmax(0).topk(top)
    return list(zip(kinds.tolist(), values.tolist(), strict=True))
