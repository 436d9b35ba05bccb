"""Fréchet distance between two sets of features (Heusel et al., 2017), with a judge trained on the same data set.

Two distances compare only if they use the same features and the same number of pictures. The original FID uses
Inception-v3, which was trained on photographs of objects and says little about digits.
"""

from __future__ import annotations

from torch import Tensor, nn
from torchmetrics.image import FrechetInceptionDistance

_RESOLUTION = 1e-7  # of the summed variances: the square root of float64's precision, smaller distances are rounding


class _GivenFeatures(nn.Identity):
    """The network that torchmetrics requires; it returns the features unchanged."""

    def __init__(self, num_features: int) -> None:
        super().__init__()
        self.num_features = num_features


def fid(features: Tensor, reference: Tensor) -> float:
    """Return the distance between the Gaussians fitted to two sets; 0 is best, and equal sets have exactly 0.

    Args:
        features: `(N, D)` of the generated pictures.
        reference: `(M, D)` of the real ones.

    Raises:
        ValueError: a set has fewer than two pictures, the widths differ, or a feature is not finite.
    """
    if min(len(features), len(reference)) < 2 or features.shape[1] != reference.shape[1]:
        raise ValueError(f"two sets of features of one width are needed, got {features.shape} and {reference.shape}")
    if not (features.isfinite().all() and reference.isfinite().all()):
        raise ValueError("every feature has to be a finite number")
    metric = FrechetInceptionDistance(_GivenFeatures(features.shape[1]))
    metric.update(reference.double(), real=True)
    metric.update(features.double(), real=False)
    distance = metric.compute().item()
    scale = float(features.double().var(dim=0).sum() + reference.double().var(dim=0).sum())
    return distance if distance > _RESOLUTION * scale else 0.0
