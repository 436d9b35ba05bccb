"""Fréchet distance between two sets of features (Heusel et al., 2017), here with a judge of the data set's own.

It compares only with distances in the same features and of the same number of pictures. Inception-v3's features, which
the name FID stands for, know photographs of things and say little about digits.
"""

from __future__ import annotations

from torch import Tensor, nn
from torchmetrics.image import FrechetInceptionDistance


class _AsTheyAre(nn.Identity):
    """Stands where torchmetrics wants a network: the features are there already."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


def fid(features: Tensor, reference: Tensor) -> float:
    """The distance between the Gaussians fitted to two sets; 0 is best.

    Args:
        features: `(N, D)` of the generated pictures.
        reference: `(M, D)` of the real ones.

    Raises:
        ValueError: a set has fewer than two pictures, or the widths differ.
    """
    if min(len(features), len(reference)) < 2 or features.shape[1] != reference.shape[1]:
        raise ValueError(f"two sets of features of one width are needed, got {features.shape} and {reference.shape}")
    metric = FrechetInceptionDistance(_AsTheyAre(features.shape[1]))
    metric.update(reference.double(), real=True)
    metric.update(features.double(), real=False)
    return metric.compute().item()
