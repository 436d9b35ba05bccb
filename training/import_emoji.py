"""The pictures of the studies of emoji: `python -m training.import_emoji`.

Flags that no training saw, as Noto draws them and as the bundled CycleGAN makes them of Twemoji's; and Twemoji's other
drawings that no training saw, beside which the generator of emoji is judged.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import torch
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from evaluation.qualitative.study.folders import SHIPPED
from models.gan.training import recipe
from models.hub import loading
from training.cycle import export
from training.data import emoji

FLAGS, DRAWINGS = SHIPPED / "emoji-flags", SHIPPED / "emoji-drawings"
EVERY = 3  # of the held-out drawings, to keep the archive small
RECIPE, TRANSLATOR = "emoji-cyclegan", "emoji-cyclegan-twemoji-to-noto"
UNDATED = (1980, 1, 1, 0, 0, 0)  # so that two runs write one archive


def main() -> None:
    """Write the archives."""
    _flags()
    drawings, _ = emoji.twemoji(train=False)
    _write(DRAWINGS / "twemoji.zip", drawings[::EVERY].float() / 127.5 - 1, "emoji")


def _flags() -> None:
    settings = recipe.read_cycle(RECIPE)
    source, target = export.WAYS["forth"]
    theirs, drawn = (
        emoji.drawn(hand, chosen=settings.categories, size=settings.size, train=False).float() / 127.5 - 1
        for hand in (source, target)
    )
    translator = loading.load(TRANSLATOR, source="bundled")
    with torch.inference_mode():
        translated = translator(theirs)
    for name, pictures in (("noto", drawn), ("translated", translated)):
        _write(FLAGS / f"{name}.zip", pictures, "flag")


def _write(path: Path, pictures: Tensor, prefix: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for number, picture in enumerate(pictures):
            encoded = io.BytesIO()
            to_pil_image((picture + 1) / 2).save(encoded, "PNG")
            archive.writestr(zipfile.ZipInfo(f"{prefix}-{number:02}.png", UNDATED), encoded.getvalue())
    print(f"{path.parent.name}/{path.name}: {len(pictures)} pictures of {pictures.shape[-1]} pixels")


if __name__ == "__main__":
    main()
