"""Write assets/generators/, a thumbnail for each bundled generator: `python -m training.import_thumbnails`.

assets/generators.toml records the digest of each file and of the weights that drew it. Run it again after every change
of weights/manifest.toml; a test finds what is out of date.
"""

from __future__ import annotations

import argparse
import hashlib

import tomlkit
import torch
from PIL import Image

from assets import thumbnails
from models import tensors
from models.gan import latent
from models.gan.generators import ARCHITECTURES, Generator
from models.hub import loading

SEED = 42  # the one that the page starts with
COLUMNS, SIDE, GAP = 4, 32, 2  # of a thumbnail, in pixels
QUALITY = 60  # of 100


def main() -> None:
    """Draw, write and record every thumbnail."""
    argparse.ArgumentParser(
        prog="python -m training.import_thumbnails", description=__doc__.splitlines()[0]
    ).parse_args()
    document = tomlkit.document()
    document.add(tomlkit.comment("The generators' thumbnails. `python -m training.import_thumbnails` writes this."))
    thumbnails.FOLDER.mkdir(exist_ok=True)
    for old in thumbnails.FOLDER.glob("*.webp"):
        old.unlink()
    for name, entry in loading.entries().items():
        if entry.architecture not in ARCHITECTURES:
            continue
        file = thumbnails.FOLDER / f"{name}.webp"
        _sheet(name).save(file, quality=QUALITY, method=6)
        recorded = tomlkit.inline_table()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        recorded.update({"file": file.name, "sha256": digest, "weights": entry.file().sha256})
        document[name] = recorded
        print(f"{file.name}: {file.stat().st_size:,} bytes")
    thumbnails.TABLE.write_text(tomlkit.dumps(document))


@torch.inference_mode()
def _sheet(name: str) -> Image.Image:
    generator = loading.load(name, source="bundled")
    assert isinstance(generator, Generator)
    pictures = generator(latent.sample_z(SEED, COLUMNS**2, generator.z_dim))
    if pictures.shape[1] == 1:
        pictures = -pictures  # the page shows digits dark on white
    extent = COLUMNS * (SIDE + GAP) - GAP
    sheet = Image.new("RGB", (extent, extent), "white")
    for i, levels in enumerate(tensors.to_uint8(pictures).permute(0, 2, 3, 1)):
        sample = Image.fromarray(levels.squeeze(-1).numpy()).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
        row, column = divmod(i, COLUMNS)
        sheet.paste(sample, (column * (SIDE + GAP), row * (SIDE + GAP)))
    return sheet


if __name__ == "__main__":
    main()
