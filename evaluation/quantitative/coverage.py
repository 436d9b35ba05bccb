"""Mode coverage: how many of the data's classes a generator draws, and how evenly."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Coverage(NamedTuple):
    """How the samples spread over the classes."""

    shares: list[float]  # of each class, summing to 1
    found: int  # classes with a share above the floor
    kl: float  # from the shares to equal shares, in nats: 0 is even, log(classes) is one class alone


def coverage(predicted: Tensor, *, classes: int, floor: float = 0.0) -> Coverage:
    """Count the classes among the samples.

    Args:
        predicted: class of each sample, `(N,)` in 0 … classes - 1.
        classes: how many there are.
        floor: a class counts as found only above this share of the samples.

    Raises:
        ValueError: there is no sample, or a class out of range.
    """
    if not len(predicted) or not 0 <= int(predicted.min()) <= int(predicted.max()) < classes:
        raise ValueError(f"at least one class in 0 … {classes - 1} is needed")
    shares = (torch.bincount(predicted, minlength=classes).double() / len(predicted)).tolist()
    return Coverage(
        shares,
        sum(share > floor for share in shares),
        sum(share * math.log(share * classes) for share in shares if share),
    )
