"""Does a generator copy its training pictures? The nearest of them in feature space, against a held-out yardstick."""

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
    found = [torch.cdist(some, training).min(dim=1) for some in features.split(CHUNK)]
    return Nearest(torch.cat([one.indices for one in found]), torch.cat([one.values for one in found]))


def closeness(features: Tensor, held_out: Tensor, training: Tensor) -> float:
    """Median distance to the nearest training picture, over that of real pictures nobody trained on.

    About 1 is what new pictures of the same kind have; near 0 the samples are copies.

    Args:
        features: `(N, D)` of the samples.
        held_out: `(K, D)` of real pictures outside the training set.
        training: `(M, D)` of the training pictures.
    """
    ours, theirs = (nearest(some, training).distance.median() for some in (features, held_out))
    return (ours / theirs).item()
