"""The loss of a picture too large to be looked at in one go: tile by tile, with the statistics of the whole.

A Gram matrix is a mean over places, so it can be gathered tile by tile; and how the loss grows with a feature depends
on the rest of the picture through the whole's Gram matrix alone. So a first pass gathers the matrices, and a second
sends each tile's part of the gradient back. Tiles overlap by what the deepest layer can see around a place: the result
is that of the whole picture, not an approximation, and shows no seams.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from models.style import gram
from models.style.layers import BLOCKS, reach, stride
from models.style.loss import Losses, Masks, Objective, gram_distance, squares, total_variation
from models.style.options import Weights
from models.style.terms import Style
from models.style.vgg import VGG19

GRID = 2 ** (len(BLOCKS) - 1)  # tiles begin where every layer's places begin


class Tile(NamedTuple):
    """A rectangle of a picture, and the one around it that it is computed from: rows and columns of pixels."""

    rows: slice
    columns: slice
    outer_rows: slice
    outer_columns: slice

    def cut(self, picture: Tensor) -> Tensor:
        """The outer rectangle of a picture `(B, C, H, W)`."""
        return picture[..., self.outer_rows, self.outer_columns]

    def inner(self, features: Tensor, layer: str) -> Tensor:
        """The tile's own places in a layer's features of the outer rectangle."""
        rows, columns = _shift(self.rows, self.outer_rows), _shift(self.columns, self.outer_columns)
        return features[..., _places(rows, layer), _places(columns, layer)]

    def of(self, whole: Tensor, layer: str) -> Tensor:
        """The tile's own places in a layer's features of the whole picture; a view."""
        return whole[..., _places(self.rows, layer), _places(self.columns, layer)]


def tiles(height: int, width: int, *, side: int, margin: int) -> list[Tile]:
    """Cut a picture into tiles of at most about `side` pixels that see at least `margin` pixels around them."""
    return [
        Tile(rows, columns, _widened(rows, margin, height), _widened(columns, margin, width))
        for rows in _cuts(height, side)
        for columns in _cuts(width, side)
    ]


class TiledObjective(Objective):
    """The same loss and gradient as `Objective`, in the memory of one tile, for another forward pass and the overlap.

    Args:
        vgg: as for `Objective`, like all the others.
        content: of any size.
        styles: of any size.
        weights: of the terms.
        content_mask: where the content counts.
        revive: as for `Objective`.
        tile: side of a tile in pixels, without its overlap.
    """

    def __init__(
        self,
        vgg: VGG19,
        content: Tensor,
        styles: Sequence[Style],
        *,
        weights: Weights,
        content_mask: Tensor | None = None,
        revive: bool = False,
        tile: int,
    ) -> None:
        self.tile = tile
        super().__init__(vgg, content, styles, weights=weights, content_mask=content_mask, revive=revive)

    def content_features(self, picture: Tensor) -> dict[str, Tensor]:
        """What the content loss compares, gathered from the tiles."""
        whole: dict[str, Tensor] = {}
        for tile in self._tiles(picture) if self.weights.of_content else ():
            features = self.features(tile.cut(picture))
            for layer in self.weights.of_content:
                if layer not in whole:
                    size = (-(-side // stride(layer)) for side in picture.shape[-2:])
                    whole[layer] = picture.new_empty(1, features[layer].shape[1], *size)
                tile.of(whole[layer], layer).copy_(tile.inner(features[layer], layer))
        return whole

    def matrices(self, picture: Tensor, masks: Masks) -> dict[str, Tensor]:
        """What the style loss compares, gathered from the tiles."""
        sums: dict[str, Tensor] = {}
        for tile in self._tiles(picture):
            _add(sums, tile, self.features(tile.cut(picture)), masks)
        return _means(sums, picture, masks)

    def gradient(self, picture: Tensor, *, wanted: bool = True) -> tuple[Losses, Tensor | None]:
        """See `Objective.gradient`."""
        whole = picture.detach()
        with torch.no_grad():
            content, matrices = self._gather(whole)
            style = self.style_loss(matrices, whole)
        with torch.enable_grad():
            leaf = whole.clone().requires_grad_()
            variation = total_variation(leaf)
            gradient = torch.autograd.grad(self.weights.variation * variation, leaf)[0]
        w, variation = self.weights, variation.detach()
        losses = Losses(content, style, variation, w.content * content + w.style * style + w.variation * variation)
        if not wanted:
            return losses, None
        slopes = [self._slopes(own, index) for index, own in enumerate(matrices)]
        for tile in self._tiles(whole):
            with torch.enable_grad():
                outer = tile.cut(whole).clone().requires_grad_()
                part = self._part(tile, self.features(outer), slopes, whole)
            tile.cut(gradient).add_(torch.autograd.grad(part, outer)[0])
        return losses, gradient

    def __call__(self, picture: Tensor) -> Losses:
        """Measure a picture; without a gradient, for which there is `gradient`."""
        return self.gradient(picture, wanted=False)[0]

    def _tiles(self, picture: Tensor) -> list[Tile]:
        height, width = picture.shape[-2:]
        return tiles(height, width, side=self.tile, margin=max(reach(layer) for layer in self.layers))

    def _gather(self, picture: Tensor) -> tuple[Tensor, list[dict[str, Tensor]]]:
        """The content loss, and each term's Gram matrices."""
        content = picture.new_zeros(())
        sums: list[dict[str, Tensor]] = [{} for _ in self.terms]
        for tile in self._tiles(picture):
            features = self.features(tile.cut(picture))
            content += self._content_part(tile, features)
            for own, term in zip(sums, self.terms, strict=True):
                _add(own, tile, features, term.masks)
        return content, [_means(own, picture, term.masks) for own, term in zip(sums, self.terms, strict=True)]

    def _slopes(self, matrices: dict[str, Tensor], index: int) -> dict[str, Tensor]:
        """How the total grows with each of a term's Gram matrices."""
        with torch.enable_grad():
            leaves = {layer: matrix.detach().requires_grad_() for layer, matrix in matrices.items()}
            term = self.terms[index]
            loss = sum(
                (weight * gram_distance(leaves[layer], term.targets[layer]))
                for layer, weight in self.weights.of_style.items()
            )
            assert isinstance(loss, Tensor)
            slopes = torch.autograd.grad(self.weights.style * term.share * loss, list(leaves.values()))
        return dict(zip(leaves, slopes, strict=True))

    def _part(
        self, tile: Tile, features: dict[str, Tensor], slopes: Sequence[dict[str, Tensor]], picture: Tensor
    ) -> Tensor:
        """What has the gradient of this tile's share in the total."""
        part = self.weights.content * self._content_part(tile, features)
        for own, term in zip(slopes, self.terms, strict=True):
            for layer, slope in own.items():
                products = _products(tile, features, layer, term.masks)
                part = part + (slope * products).sum() / _count(picture, layer, term.masks[layer])
        return part

    def _content_part(self, tile: Tile, features: dict[str, Tensor]) -> Tensor:
        loss = next(iter(features.values())).new_zeros(())
        for layer, weight in self.weights.of_content.items():
            target, mask = self.content[layer], self.content_masks[layer]
            own = None if mask is None else tile.of(mask, layer)
            distance = squares(tile.inner(features[layer], layer), tile.of(target, layer), own)
            loss = loss + weight * distance / target.numel()
        return loss


def _products(tile: Tile, features: dict[str, Tensor], layer: str, masks: Masks) -> Tensor:
    mask = masks[layer]
    return gram.products(tile.inner(features[layer], layer), None if mask is None else tile.of(mask, layer))


def _add(sums: dict[str, Tensor], tile: Tile, features: dict[str, Tensor], masks: Masks) -> None:
    for layer in masks:
        products = _products(tile, features, layer, masks)
        sums[layer] = sums[layer] + products if layer in sums else products


def _means(sums: dict[str, Tensor], picture: Tensor, masks: Masks) -> dict[str, Tensor]:
    return {layer: total / _count(picture, layer, masks[layer]) for layer, total in sums.items()}


def _count(picture: Tensor, layer: str, mask: Tensor | None) -> Tensor | int:
    height, width = (-(-side // stride(layer)) for side in picture.shape[-2:])
    return height * width if mask is None else mask.sum()


def _cuts(length: int, side: int) -> Iterable[slice]:
    count = -(-length // side)
    step = -(-length // (count * GRID)) * GRID
    return [slice(start, min(start + step, length)) for start in range(0, length, step)]


def _widened(inner: slice, margin: int, length: int) -> slice:
    margin = -(-margin // GRID) * GRID
    return slice(max(0, inner.start - margin), min(length, inner.stop + margin))


def _shift(inner: slice, outer: slice) -> slice:
    return slice(inner.start - outer.start, inner.stop - outer.start)


def _places(pixels: slice, layer: str) -> slice:
    return slice(pixels.start // stride(layer), -(-pixels.stop // stride(layer)))
