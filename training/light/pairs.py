"""What the light style network learns to do: photographs, paintings, and the one as AdaIN paints it like the other."""

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

PHOTO_SIDE, PAINTING_SIDE = 128, 160  # pixels; more of a painting, as its statistics are to be those of the whole
PAINTED = 0.85  # the share of styles that are paintings; the others are any picture
RECOLOURED = 0.3  # the share of styles whose colours are changed
AT_ONCE = 4


class Pairs(NamedTuple):
    """Squares, all uint8.

    Args:
        photos: `(N, 3, PHOTO_SIDE, PHOTO_SIDE)`.
        paintings: `(N, 3, PAINTING_SIDE, PAINTING_SIDE)`.
        painted: the photos as AdaIN paints them.
    """

    photos: Tensor
    paintings: Tensor
    painted: Tensor


@torch.inference_mode()
def make(paintings: Sequence[Tensor], others: Sequence[Tensor], vgg: VGG19, decoder: Decoder, *, count: int) -> Pairs:
    """Cut random squares and let AdaIN paint them, on the device where its networks are.

    Args:
        paintings: uint8 `(3, H, W)` each.
        others: the same, of pictures that are none.
        vgg: AdaIN's encoder.
        decoder: AdaIN's decoder.
        count: of pairs, a multiple of 4.
    """
    random = torch.Generator().manual_seed(1)
    pictures, place = [*paintings, *others], next(vgg.parameters()).device
    rows = []
    for _ in tqdm(range(count // AT_ONCE), desc="AdaIN's pictures", mininterval=5):
        photos = torch.cat([_cut(pictures, PHOTO_SIDE, random) for _ in range(AT_ONCE)])
        styles = torch.cat([_style(paintings, pictures, random) for _ in range(AT_ONCE)])
        painted = adain.restyle(vgg, decoder, photos.to(place), adain.style_moments(vgg, styles.to(place)))
        rows.append([(255 * part).round().to("cpu", torch.uint8) for part in (photos, styles, painted)])
    return Pairs(*(torch.cat(column).contiguous() for column in zip(*rows, strict=True)))


def _style(paintings: Sequence[Tensor], pictures: Sequence[Tensor], random: torch.Generator) -> Tensor:
    square = _cut(paintings if _chance(PAINTED, random) else pictures, PAINTING_SIDE, random)
    return light_pictures.recoloured(square, random) if _chance(RECOLOURED, random) else square


def _cut(pictures: Sequence[Tensor], side: int, random: torch.Generator) -> Tensor:
    return light_pictures.cut(pictures[int(torch.randint(len(pictures), (), generator=random))], side, random)


def _chance(share: float, random: torch.Generator) -> bool:
    return bool(torch.rand((), generator=random) < share)
