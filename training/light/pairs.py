"""Training pairs of the light style network: a photograph, a painting, and the photograph restyled by AdaIN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from tqdm import tqdm

from models.style import adain
from models.style.adain import Decoder
from models.style.vgg import VGG19
from training.light import pictures as light_pictures

PHOTO_SIDE, PAINTING_SIDE = 128, 160  # pixels; a larger square represents the statistics of a painting better
PAINTED = 0.85  # share of the styles that are paintings; the others are cut from any picture
RECOLOURED = 0.3  # share of the styles whose colours are changed
BATCH = 4


class Pairs(NamedTuple):
    """Squares, all uint8.

    Args:
        photos: `(N, 3, PHOTO_SIDE, PHOTO_SIDE)`.
        paintings: `(N, 3, PAINTING_SIDE, PAINTING_SIDE)`.
        restyled: the photos, restyled by AdaIN.
    """

    photos: Tensor
    paintings: Tensor
    restyled: Tensor


@torch.inference_mode()
def make(paintings: Sequence[Tensor], others: Sequence[Tensor], vgg: VGG19, decoder: Decoder, *, count: int) -> Pairs:
    """Cut random squares and restyle them with AdaIN, on the device of its networks.

    Args:
        paintings: uint8 `(3, H, W)` each.
        others: pictures that are no paintings, in the same form.
        vgg: AdaIN's encoder.
        decoder: AdaIN's decoder.
        count: number of pairs, a multiple of 4.
    """
    random = torch.Generator().manual_seed(1)
    pictures, device = [*paintings, *others], next(vgg.parameters()).device
    rows = []
    for _ in tqdm(range(count // BATCH), desc="restyling with AdaIN", mininterval=5):
        photos = torch.cat([_cut(pictures, PHOTO_SIDE, random) for _ in range(BATCH)])
        styles = torch.cat([_style(paintings, pictures, random) for _ in range(BATCH)])
        restyled = adain.restyle(vgg, decoder, photos.to(device), adain.style_moments(vgg, styles.to(device)))
        rows.append([(255 * part).round().to("cpu", torch.uint8) for part in (photos, styles, restyled)])
    return Pairs(*(torch.cat(column).contiguous() for column in zip(*rows, strict=True)))


def _style(paintings: Sequence[Tensor], pictures: Sequence[Tensor], random: torch.Generator) -> Tensor:
    square = _cut(paintings if _chance(PAINTED, random) else pictures, PAINTING_SIDE, random)
    return light_pictures.recoloured(square, random) if _chance(RECOLOURED, random) else square


def _cut(pictures: Sequence[Tensor], side: int, random: torch.Generator) -> Tensor:
    return light_pictures.cut(pictures[int(torch.randint(len(pictures), (), generator=random))], side, random)


def _chance(share: float, random: torch.Generator) -> bool:
    return bool(torch.rand((), generator=random) < share)
