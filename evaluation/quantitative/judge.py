"""What a classifier sees in pictures: the features and predictions that every score here is computed from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Self

import torch
from torch import Tensor

from models.vision.classifier import Classifier

BATCH = 100  # larger ones leave the processor's caches: half as fast


class Seen(NamedTuple):
    """A set of pictures in the judge's eyes."""

    features: Tensor  # float32 (N, D), before the last layer
    logits: Tensor  # float32 (N, classes)

    @classmethod
    def gather(cls, parts: Iterable[Self]) -> Self:
        """Put the parts of a set together, in their order."""
        features, logits = zip(*parts, strict=True)
        return cls(torch.cat(features), torch.cat(logits))


@torch.inference_mode()
def look(judge: Classifier, batches: Iterable[Tensor]) -> Seen:
    """Show pictures to a judge.

    Args:
        judge: in evaluation mode.
        batches: pictures `(B, channels, H, W)` in [-1, 1], on the judge's device.
    """

    def see(pictures: Tensor) -> Seen:
        features = judge.features(pictures)
        return Seen(features.cpu(), judge.head(features).cpu())

    return Seen.gather(see(pictures) for pictures in batches)
