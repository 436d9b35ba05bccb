"""Fetch the detector of machine-made pictures, and record what it says about the app's own pictures.

python -m training.detector            fetches 90 MB into the cache; the app then asks it
python -m training.detector --record   writes assets/detector.json too, which the page shows where it is missing
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from assets import detector, samples, thumbnails, wall
from models.vision import machine_made
from models.vision.machine_made import MachineMadeDetector
from training.data import packages

RESTYLED = (("astronaut", "irises"), ("cat", "wheat-field"), ("pagoda", "grande-jatte"))  # of the stored wall
GENERATORS = ("painted-eyes",)


def main() -> None:
    """Fetch, and record where asked to."""
    parser = argparse.ArgumentParser(prog="python -m training.detector", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write assets/detector.json")
    record = parser.parse_args().record
    folder = packages.MACHINE_DETECTOR.fetch() / machine_made.PACKAGE / "models"
    print(f"{packages.MACHINE_DETECTOR.name} {packages.MACHINE_DETECTOR.version} lies in {folder}.")
    if record:
        model = MachineMadeDetector(folder)
        rows = []
        for file, title, by_machine in pictures():
            with Image.open(detector.FOLDER / file) as picture:
                score = model.score(picture.convert("RGB"))
            rows.append({"file": file, "title": title, "machine": by_machine, "score": round(score, 3)})
            print(f"{score:.2f}  {'machine' if by_machine else 'people'}  {title}")
        answers = {"threshold": machine_made.THRESHOLD, "pictures": rows}
        detector.ANSWERS.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def pictures() -> Iterator[tuple[str, str, bool]]:
    """The pictures to ask about: the file beside assets/, a title, and whether a machine made it."""
    photos = {sample.name: sample for sample in samples.every_photo()}
    for sample in samples.every_photo():
        yield _file(sample.path), sample.title, False
    paintings = {sample.name: sample for sample in samples.paintings()}
    for sample in paintings.values():
        yield _file(sample.path), f"{sample.title}, painted by {sample.author}", False
    for photo, painting in RESTYLED:
        title = f"{photos[photo].title} in the style of {paintings[painting].title}"
        yield _file(wall.pictures()[photo][painting].path), title, True
    for name in GENERATORS:
        yield _file(str(thumbnails.thumbnails()[name].path)), "Eyes by a GAN (painted-eyes)", True


def _file(path: str) -> str:
    return str(Path(path).relative_to(detector.FOLDER))


if __name__ == "__main__":
    main()
