"""Training data as tensors, read by torchvision from files that a package holds."""

from __future__ import annotations

import torch
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


def stacked_mnist(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Three random digits as red, green and blue: 1000 modes that can be counted (Metz et al., 2017).

    Args:
        train: made of the training digits, or of the test digits.

    Returns:
        uint8 pictures `(N, 3, 32, 32)`, each digit used once in each colour, and the labels `(N,)` in 0 … 999: red's
        digit is the hundreds, blue's the units.
    """
    digits, labels = mnist(train=train)
    random = torch.Generator().manual_seed(0)
    red, green, blue = (torch.randperm(len(digits), generator=random) for _ in range(3))
    stacked = torch.cat([digits[red], digits[green], digits[blue]], dim=1)
    return stacked, 100 * labels[red] + 10 * labels[green] + labels[blue]


DATA_SETS = {"mnist": mnist, "stacked-mnist": stacked_mnist}
HUB_NAMES = {"mnist": "ylecun/mnist", "stacked-mnist": "ylecun/mnist"}
