"""Features and predictions of a classifier, the judge: every score here is computed from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import torch
from torch import Tensor

from models.vision.classifier import Classifier

BATCH = 100  # larger batches do not fit the processor's caches and are half as fast


class Judged(NamedTuple):
    """Features and logits of a set of pictures."""

    features: Tensor  # float32 (N, D), before the last layer
    logits: Tensor  # float32 (N, classes)

    @classmethod
    def gather(cls, parts: Iterable[Self]) -> Self:
        """Join the parts of a set, in their order."""
        features, logits = zip(*parts, strict=True)
        return cls(torch.cat(features), torch.cat(logits))


@torch.inference_mode()
def look(judge: Classifier, batches: Iterable[Tensor]) -> Judged:
    """Compute features and logits of pictures.

    Args:
        judge: in evaluation mode.
        batches: pictures `(B, channels, H, W)` in [-1, 1], on the judge's device.
    """

    def see(pictures: Tensor) -> Judged:
        features = judge.features(pictures)
        return Judged(features.cpu(), judge.head(features).cpu())

    return Judged.gather(see(pictures) for pictures in batches)
