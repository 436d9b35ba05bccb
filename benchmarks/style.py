"""What the cached style statistics save: `python -m benchmarks.style [--quick]`."""

from __future__ import annotations

import argparse
import itertools

from PIL import Image

from benchmarks.report import Figure, interleaved, print_report, ratio
from demos import samples
from models import images
from serving.local import LocalEngine

LIMIT = 0.75
SIDE = 384


def main() -> None:
    """Restyle new photographs with a known painting and with a new one, in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer runs")
    runs = 7 if parser.parse_args().quick else 25
    engine = LocalEngine()
    photo = _square(samples.photos()[0].path)
    painting = _square(samples.paintings()[0].path)
    number = itertools.count(1)

    def restyle(style: Image.Image) -> None:
        engine.restyle(_variant(photo, next(number)), style, strength=1.0, side=SIDE)  # a photograph never seen before

    seconds = interleaved(
        {
            "style cached": lambda: restyle(painting),
            "style encoded anew": lambda: restyle(_variant(painting, next(number))),
        },
        runs=runs,
    )
    cached = Figure("restyle_cached_style", ratio(seconds, "style cached", "style encoded anew"), LIMIT)
    print_report(f"AdaIN at {SIDE} px", seconds, [cached])


def _square(path: str) -> Image.Image:
    picture = images.read(path)
    side = min(picture.size)
    return picture.crop((0, 0, side, side)).resize((SIDE, SIDE))


def _variant(picture: Image.Image, number: int) -> Image.Image:
    """The same picture with one pixel changed, which no cache has seen."""
    changed = picture.copy()
    changed.putpixel((0, 0), (number % 256, number // 256 % 256, 0))
    return changed


if __name__ == "__main__":
    main()
