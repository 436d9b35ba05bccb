"""AdaIN or the light network at any size: pictures pass through in tiles, with the statistics of the whole picture.

Every tile is cut with so much around it that the networks see for each of its pixels all that they would see in the
whole picture (their receptive field), and its place fits the grid of the pooling. So tiled and whole results differ by
rounding only, and there are no seams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from models.style.adain import Moments, moments

STRIDE = 8  # pixels per feature
SIDE = 96  # features a side of a tile: 768 pixels, some 0.9 GB of activations in float32
SEEN = 5  # features around one that the encoder sees: 30 pixels of convolutions, and the pooling's grid
PAINTED = 4  # features around one that its pixels in the decoder depend on

Encode = Callable[[Tensor], Tensor]
Paint = Callable[[Tensor, Moments, "Window"], Tensor]


@dataclass(frozen=True)
class Window:
    """A rectangle of the features of a picture: rows and columns [top, bottom) × [left, right)."""

    top: int
    bottom: int
    left: int
    right: int

    def grown(self, margin: int, height: int, width: int) -> Window:
        """The same with `margin` around it, as far as the picture goes."""
        return Window(
            max(0, self.top - margin),
            min(height, self.bottom + margin),
            max(0, self.left - margin),
            min(width, self.right + margin),
        )

    def of(self, features: Tensor) -> Tensor:
        """Cut it out of `(B, C, H, W)`."""
        return features[..., self.top : self.bottom, self.left : self.right]

    def pixels(self) -> Window:
        """The same in pixels."""
        return Window(*(STRIDE * side for side in (self.top, self.bottom, self.left, self.right)))

    def within(self, outer: Window) -> Window:
        """The same, counted from the corner of `outer`."""
        return Window(self.top - outer.top, self.bottom - outer.top, self.left - outer.left, self.right - outer.left)


def windows(height: int, width: int, *, side: int = SIDE) -> list[Window]:
    """Cover a picture of `height` × `width` pixels with tiles of at most `side` × `side` features."""
    rows, columns = feature_size(height, width)
    return [
        Window(top, min(top + side, rows), left, min(left + side, columns))
        for top in range(0, rows, side)
        for left in range(0, columns, side)
    ]


def feature_size(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the features of a picture of `height` × `width` pixels."""
    return -(-height // STRIDE), -(-width // STRIDE)


def encoded(encode: Encode, picture: Tensor, *, features: Tensor, side: int = SIDE) -> Iterator[Window]:
    """Encode a picture tile by tile.

    Args:
        encode: returns the features of a tile, as `adain.encode` does.
        picture: one or several of one size, `(B, 3, H, W)` in [0, 1].
        features: `(B, C, ceil(H / 8), ceil(W / 8))`, to be filled.
        side: of a tile, in features.

    Yields:
        Each tile when it is done.
    """
    for window in windows(picture.shape[-2], picture.shape[-1], side=side):
        around = window.grown(SEEN, features.shape[-2], features.shape[-1])
        window.of(features).copy_(window.within(around).of(encode(around.pixels().of(picture))))
        yield window


def painted(
    paint: Paint, features: Tensor, *, picture: Tensor, own: Moments | None = None, side: int = SIDE
) -> Iterator[Window]:
    """Decode features tile by tile.

    Args:
        paint: gives a tile another style and decodes it, from the tile's features, the moments of the whole, and the
            tile's place in it.
        features: `(B, C, ceil(H / 8), ceil(W / 8))` of the content.
        picture: `(B, 3, H, W)`, to be filled with values in [0, 1].
        own: the content's moments, where they are not those of `features`.
        side: of a tile, in features.

    Yields:
        Each tile when it is done.
    """
    whole = own or moments(features)
    for window in windows(picture.shape[-2], picture.shape[-1], side=side):
        around = window.grown(PAINTED, features.shape[-2], features.shape[-1])
        tile = paint(around.of(features), whole, around)
        target = window.pixels().of(picture)
        inside = window.within(around).pixels().of(tile)
        target.copy_(inside[..., : target.shape[-2], : target.shape[-1]])  # at the border, less than 8 pixels more
        yield window


def empty_features(picture: Tensor, *, channels: int) -> Tensor:
    """An unfilled tensor for the features of pictures `(B, 3, H, W)`, on their device."""
    rows, columns = feature_size(picture.shape[-2], picture.shape[-1])
    return picture.new_empty(len(picture), channels, rows, columns)
