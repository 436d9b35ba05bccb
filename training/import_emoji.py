"""Write the pictures of the emoji studies: `python -m training.import_emoji`.

For the study of translations: held-out flags, drawn by Noto and translated from Twemoji by the bundled CycleGAN. For
the study of generated emoji: other held-out drawings of Twemoji.
"""

from __future__ import annotations

import argparse
import io
import zipfile
from pathlib import Path

import torch
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from evaluation.qualitative.study.folders import SHIPPED
from models import tensors
from models.gan.training import recipe
from models.hub import loading
from training.cycle import export
from training.data import emoji

FLAGS, DRAWINGS = SHIPPED / "emoji-flags", SHIPPED / "emoji-drawings"
EVERY = 3  # take every third held-out drawing, to keep the archive small
RECIPE, TRANSLATOR = "emoji-cyclegan", "emoji-cyclegan-twemoji-to-noto"
UNDATED = (1980, 1, 1, 0, 0, 0)  # so that two runs write the same archive


def main() -> None:
    """Write the archives."""
    argparse.ArgumentParser(prog="python -m training.import_emoji", description=__doc__.splitlines()[0]).parse_args()
    _flags()
    drawings, _ = emoji.twemoji(train=False)
    write(DRAWINGS / "twemoji.zip", tensors.from_uint8(drawings[::EVERY]), "emoji")


def _flags() -> None:
    settings = recipe.read_cycle(RECIPE)
    source, target = export.DIRECTIONS["forth"]
    originals, references = (
        tensors.from_uint8(emoji.drawings(vendor, settings.categories, size=settings.size, train=False))
        for vendor in (source, target)
    )
    translator = loading.load(TRANSLATOR, source="bundled")
    with torch.inference_mode():
        translated = translator(originals)
    for name, pictures in (("noto", references), ("translated", translated)):
        write(FLAGS / f"{name}.zip", pictures, "flag")


def write(path: Path, pictures: Tensor, prefix: str) -> None:
    """Write pictures `(N, 3, H, W)` in [-1, 1] into a zip archive, each as PREFIX-NN.png."""
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for number, picture in enumerate(pictures):
            encoded = io.BytesIO()
            to_pil_image((picture + 1) / 2).save(encoded, "PNG")
            archive.writestr(zipfile.ZipInfo(f"{prefix}-{number:02}.png", UNDATED), encoded.getvalue())
    print(f"{path.parent.name}/{path.name}: {len(pictures)} pictures of {pictures.shape[-1]} pixels")


if __name__ == "__main__":
    main()
