"""Inception Score (Salimans et al., 2016): exp of the mean KL from a picture's predicted classes to the set's."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchmetrics.image import InceptionScore

SPLITS = 10


class Score(NamedTuple):
    """Mean and standard deviation over the splits; 1 at worst, the number of classes at best."""

    mean: float
    std: float


def inception_score(logits: Tensor, *, splits: int = SPLITS, seed: int = 0) -> Score:
    """Score a set of pictures by the predictions of a classifier.

    Args:
        logits: `(N, classes)`.
        splits: number of equal parts; each gets its own score.
        seed: of the shuffle before the set is split.

    Raises:
        ValueError: there are fewer pictures than splits, or a logit is not finite.
    """
    if len(logits) < splits:
        raise ValueError(f"{splits} splits need at least {splits} pictures, got {len(logits)}")
    if not logits.isfinite().all():
        raise ValueError("every logit has to be a finite number")
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.filterwarnings("ignore", "Metric `InceptionScore` will save all")  # ten numbers a picture
        metric = InceptionScore(nn.Identity(), splits=splits)
        torch.manual_seed(seed)
        metric.update(logits.double())
        mean, std = metric.compute()
    return Score(mean.item(), std.item())
