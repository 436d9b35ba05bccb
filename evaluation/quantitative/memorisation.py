"""Memorisation: distance of samples to the nearest training picture, compared with that of held-out real pictures."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

CHUNK = 1000


class Nearest(NamedTuple):
    """The training picture closest to each sample."""

    originals: Tensor  # int64 (N,), into the training set
    distance: Tensor  # float32 (N,), Euclidean in feature space


def nearest(features: Tensor, training: Tensor) -> Nearest:
    """Find each sample's nearest training picture.

    Args:
        features: `(N, D)` of the samples.
        training: `(M, D)` of the training pictures.
    """
    chunks = [torch.cdist(chunk, training).min(dim=1) for chunk in features.split(CHUNK)]
    return Nearest(torch.cat([chunk.indices for chunk in chunks]), torch.cat([chunk.values for chunk in chunks]))


def closeness(features: Tensor, held_out: Tensor, training: Tensor) -> float:
    """Return the median distance to the nearest training picture, divided by that of held-out real pictures.

    New pictures of the same kind have about 1; near 0 the samples are copies.

    Args:
        features: `(N, D)` of the samples.
        held_out: `(K, D)` of real pictures outside the training set.
        training: `(M, D)` of the training pictures.
    """
    samples, real = (nearest(part, training).distance.median() for part in (features, held_out))
    return (samples / real).item()
