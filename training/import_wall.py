"""Write assets/wall/, each sample photo in each sample painting: `python -m training.import_wall`.

The light network paints them, as the page does on a CPU. assets/wall.toml records the size and sha256 of each file.
"""

from __future__ import annotations

import argparse
import hashlib

import tomlkit
import torch
from PIL import Image
from tomlkit.items import InlineTable

from assets import samples, wall
from models import tensors
from models.hub import loading
from models.style import light
from models.style.light import LightStyle

SIDE = 720  # pixels of the longer side: a cell is up to 370 wide, and a screen shows two or three for each
QUALITY = 40  # of 100: brush strokes hide what WebP leaves out
EARLIER_SIDE, EARLIER_QUALITY = 448, 30  # of the photos that the page no longer offers: a link's preview shows them
PHOTO_QUALITY = 70  # of a photo itself, which hides less


def main() -> None:
    """Paint, write and record every picture of the wall."""
    argparse.ArgumentParser(prog="python -m training.import_wall", description=__doc__.splitlines()[0]).parse_args()
    network = loading.load("light-style")
    assert isinstance(network, LightStyle)
    document = tomlkit.document()
    document.add(
        tomlkit.comment("The pictures of the wall. `python -m training.import_wall` writes them and this file.")
    )
    wall.FOLDER.mkdir(exist_ok=True)
    with torch.inference_mode():
        looks = {
            painting.name: light.look(network, tensors.to_tensor(_read(painting.path)))
            for painting in samples.paintings()
        }
        for photo in samples.every_photo():
            content = _read(photo.path)
            offered = photo in samples.photos()
            side, quality = (SIDE, QUALITY) if offered else (EARLIER_SIDE, EARLIER_QUALITY)
            content.thumbnail((side, side), Image.Resampling.LANCZOS)
            table = tomlkit.table()
            table[wall.PHOTO] = _stored(content, photo.name, PHOTO_QUALITY)
            for name, look in looks.items():
                restyled = tensors.to_picture(light.restyle(network, tensors.to_tensor(content), look))
                table[name] = _stored(restyled, f"{photo.name}-{name}", quality)
            document[photo.name] = table
    wall.TABLE.write_text(tomlkit.dumps(document))


def _stored(picture: Image.Image, name: str, quality: int) -> InlineTable:
    """Write a picture and return its entry in the table."""
    file = wall.FOLDER / f"{name}.webp"
    picture.save(file, quality=quality, method=6)
    print(f"{file.name}: {file.stat().st_size:,} bytes")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = tomlkit.inline_table()
    entry.update({"file": file.name, "width": picture.width, "height": picture.height, "sha256": digest})
    return entry


def _read(path: str) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


if __name__ == "__main__":
    main()
