"""The latent space of a generator: one seed, one set of latent vectors, on every machine."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.gan.seeds import MAX_SEED


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


def truncated(z: Tensor, psi: float) -> Tensor:
    """Draw the latents towards the mean, 0: `psi` 1 leaves them, 0 gives one average picture (Karras et al., 2019).

    Drawing large numbers again, as Brock et al. (2019) do, would make another picture of each; this only moves it.

    Raises:
        ValueError: psi is not in 0 … 1.
    """
    if not 0 <= psi <= 1:
        raise ValueError(f"psi must lie in 0 … 1, got {psi}")
    return psi * z


def lerp(start: Tensor, end: Tensor, share: float) -> Tensor:
    """The point at `share` of the straight way: half-way it is shorter than both ends, where no sample ever lay."""
    return start + share * (end - start)


def slerp(start: Tensor, end: Tensor, share: float) -> Tensor:
    """The point at `share` of the way round the origin (White, 2016), whose length goes evenly from one to the other.

    Args:
        start: `(z_dim,)`.
        end: `(z_dim,)`.
        share: 0 … 1; the ends are exact.
    """
    if share in (0, 1):
        return end if share else start
    lengths = start.norm(), end.norm()
    cosine = (start @ end / (lengths[0] * lengths[1])).clamp(-1, 1)
    angle = cosine.double().acos()
    if angle.sin() < 1e-4:  # the same direction, or opposite ones, between which no way is the shortest
        return lerp(start, end, share)
    weights = ((1 - share) * angle).sin() / angle.sin(), (share * angle).sin() / angle.sin()
    direction = weights[0] * start / lengths[0] + weights[1] * end / lengths[1]
    return (direction * lerp(*lengths, share)).to(start.dtype)


def around(point: Tensor, noise: Tensor, spread: float) -> Tensor:
    """Points around another one: each keeps the share sqrt(1 - spread²) of it, and the rest is noise.

    A normal vector stays one: what is drawn around a usual z is as long as any other z.

    Args:
        point: `(z_dim,)`.
        noise: `(n, z_dim)` from N(0, 1).
        spread: 0 … 1: 0 gives the point itself, 1 the noise.

    Raises:
        ValueError: the spread is not in 0 … 1.
    """
    if not 0 <= spread <= 1:
        raise ValueError(f"spread must lie in 0 … 1, got {spread}")
    return (1 - spread**2) ** 0.5 * point + spread * noise


def principal_directions(z: Tensor, features: Tensor, count: int) -> Tensor:
    """The directions in z that change what a layer computes most (GANSpace, Härkönen et al., 2020).

    The principal components of the features are found first; each direction is then the one in z that predicts its
    component's value best, by least squares.

    Args:
        z: `(N, z_dim)`.
        features: what the layer computes from them, `(N, D)`.
        count: how many directions, up to z_dim.

    Returns:
        Unit vectors `(count, z_dim)`, the strongest first; each one's largest number is positive.

    Raises:
        ValueError: there are not so many.
    """
    if not 1 <= count <= z.shape[1]:
        raise ValueError(f"count must lie in 1 … {z.shape[1]}, got {count}")
    centred = (features - features.mean(dim=0)).double()
    _, vectors = torch.linalg.eigh(centred @ centred.T)  # rising; N is below D, so this is the smaller matrix
    scores = vectors.flip(1)[:, :count]  # (N, count), uncorrelated and equally long
    directions = scores.T @ (z - z.mean(dim=0)).double()
    directions = directions / directions.norm(dim=1, keepdim=True)
    largest = directions.gather(1, directions.abs().argmax(dim=1, keepdim=True))
    return (directions * largest.sign()).float()
