"""Write assets/wall/, each sample photo in each sample painting: `python -m training.import_wall`.

The light network paints them, as the page does on a CPU. assets/wall.toml records the size and sha256 of each file.
"""

from __future__ import annotations

import argparse
import hashlib

import tomlkit
import torch
from PIL import Image

from assets import samples, wall
from models import tensors
from models.hub import loading
from models.style import light
from models.style.light import LightStyle

SIDE = 448  # pixels of the longer side: a cell is up to 370 wide, and a phone shows two or three for each
QUALITY = 30  # of 100: brush strokes hide what WebP leaves out


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
        for photo in samples.photos():
            content = _read(photo.path)
            content.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            table = tomlkit.table()
            for name, look in looks.items():
                restyled = tensors.to_picture(light.restyle(network, tensors.to_tensor(content), look))
                file = wall.FOLDER / f"{photo.name}-{name}.webp"
                restyled.save(file, quality=QUALITY, method=6)
                digest = hashlib.sha256(file.read_bytes()).hexdigest()
                cell = tomlkit.inline_table()
                cell.update({"file": file.name, "width": content.width, "height": content.height, "sha256": digest})
                table[name] = cell
                print(f"{file.name}: {file.stat().st_size:,} bytes")
            document[photo.name] = table
    wall.TABLE.write_text(tomlkit.dumps(document))


def _read(path: str) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


if __name__ == "__main__":
    main()
