"""Six photographs painted from 1 : 10² to 1 : 10⁶: `python -m benchmarks.style_weights docs/images/style-weights.jpg`.

It shows that the lecture's 1 : 10,000 is a good default with the normalisation in `models.style.loss`. Each row starts
from its photograph, and each picture from the one to its left. It prints how much the loss still falls at the end.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageDraw
from torch import Tensor

from assets import samples
from media import images
from models import tensors
from models.style import gatys
from models.style.options import FROM_COLOURS, Options, Weights
from models.style.terms import Style
from models.style.vgg import VGG19
from serving.local import networks

PAIRS = (
    ("astronaut", "wheat-field"),
    ("cat", "irises"),
    ("coffee", "straw-hat"),
    ("pagoda", "grande-jatte"),
    ("rocket", "apples"),
    ("cat", "ia-orana-maria"),
)
STYLE_WEIGHTS = (1e2, 1e3, 1e4, 1e5, 1e6)
LABEL = 18  # pixels


def main() -> None:
    """Paint every cell and save the sheet after each row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="file of the sheet")
    parser.add_argument("--side", type=int, default=160, help="side of each picture, in pixels")
    parser.add_argument("--steps", type=int, default=60, help="steps for each picture")
    parser.add_argument("--pairs", type=int, default=len(PAIRS), help="number of rows")
    options = parser.parse_args()
    vgg = networks.encoder()
    rows: list[Sequence[Image.Image]] = []
    for photo, painting in PAIRS[: options.pairs]:
        content, style = square(f"photos/{photo}", options.side), square(f"paintings/{painting}", options.side)
        row = [tensors.to_picture(content), tensors.to_picture(style)]
        painted = content
        for weight in STYLE_WEIGHTS:
            painted = _painted(vgg, content, style, weight, painted, options.steps)
            row.append(tensors.to_picture(painted))
        rows.append(row)
        sheet(rows, options.side).save(options.file, quality=74)


def square(name: str, side: int) -> Tensor:
    """The central square of a bundled picture, `(1, 3, side, side)` in [0, 1]."""
    picture = images.read(samples.ASSETS / f"{name}.jpg")
    edge = min(picture.size)
    left, top = (picture.width - edge) // 2, (picture.height - edge) // 2
    return tensors.to_tensor(picture.crop((left, top, left + edge, top + edge)).resize((side, side)))


def sheet(rows: Sequence[Sequence[Image.Image]], side: int) -> Image.Image:
    """Arrange the rows under a heading."""
    page = Image.new("RGB", (side * (2 + len(STYLE_WEIGHTS)), LABEL + side * len(rows)), "white")
    draw = ImageDraw.Draw(page)
    for column, label in enumerate(("photograph", "painting", *(f"1 : {weight:,.0f}" for weight in STYLE_WEIGHTS))):
        draw.text((column * side + 4, 3), label, fill="black")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            page.paste(picture, (x * side, LABEL + y * side))
    return page


def _painted(vgg: VGG19, content: Tensor, style: Tensor, weight: float, start: Tensor, steps: int) -> Tensor:
    options = Options(weights=replace(Weights(), style=weight), method=FROM_COLOURS, steps=steps)
    *_, frame = gatys.paint(vgg, content, [Style(style)], options=options, start=start, interval=1e9)
    totals = [point.total for point in frame.curve]
    late = 1 - totals[-1] / totals[-1 - len(totals) // 4]
    print(
        f"1 : {weight:,.0f}, the last quarter of the steps took {late:.1%} off the loss, {frame.seconds:.0f} s",
        flush=True,
    )
    return frame.image


if __name__ == "__main__":
    main()
