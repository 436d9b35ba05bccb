"""The latent space of a generator: one seed, one set of latent vectors, on every machine."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.seeds import MAX_SEED


def sample_z(seed: int, count: int, z_dim: int) -> Tensor:
    """Draw `count` latent vectors from N(0, 1).

    Drawn by NumPy's `RandomState`, whose stream is frozen for good, and not by torch, whose normal
    numbers differ between processors: a seed quoted in a paper must still give the same picture.

    Args:
        seed: 0 … `MAX_SEED`.
        count: how many vectors.
        z_dim: length of each.

    Returns:
        float32 `(count, z_dim)` on the CPU. The first rows do not depend on `count`.

    Raises:
        ValueError: the seed is out of range.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ValueError(f"seed must lie in 0 … {MAX_SEED}, got {seed}")
    numbers = np.random.RandomState(seed).standard_normal((count, z_dim))
    return torch.from_numpy(numbers.astype(np.float32))
