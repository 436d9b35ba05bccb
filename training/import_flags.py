"""The pictures of the study `emoji-real-or-fake`: `python -m training.import_flags`.

Flags that no training saw, as Noto draws them and as the bundled CycleGAN makes them of Twemoji's.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import torch
from torch import Tensor
from torchvision.transforms.functional import to_pil_image

from models import hub
from training import emoji, export_cycle, recipe

FOLDER = Path(__file__).parents[1] / "studies" / "emoji-flags"
RECIPE, TRANSLATOR = "emoji-cyclegan", "emoji-cyclegan-twemoji-to-noto"
UNDATED = (1980, 1, 1, 0, 0, 0)  # so that two runs write one archive


def main() -> None:
    """Write both archives."""
    settings = recipe.read_cycle(RECIPE)
    source, target = export_cycle.WAYS["forth"]
    theirs, drawn = (
        emoji.drawn(hand, chosen=settings.categories, size=settings.size, train=False).float() / 127.5 - 1
        for hand in (source, target)
    )
    translator = hub.load(TRANSLATOR, source="bundled")
    with torch.inference_mode():
        translated = translator(theirs)
    FOLDER.mkdir(exist_ok=True)
    for name, pictures in (("noto", drawn), ("translated", translated)):
        _write(FOLDER / f"{name}.zip", pictures)
        print(f"{name}: {len(pictures)} flags of {pictures.shape[-1]} pixels")


def _write(path: Path, pictures: Tensor) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number, picture in enumerate(pictures):
            encoded = io.BytesIO()
            to_pil_image((picture + 1) / 2).save(encoded, "PNG")
            archive.writestr(zipfile.ZipInfo(f"flag-{number:02}.png", UNDATED), encoded.getvalue())


if __name__ == "__main__":
    main()
