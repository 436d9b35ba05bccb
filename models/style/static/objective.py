"""A painting's loss as a CUDA graph can hold it: no conversion, no number read by the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from models.style import gram
from models.style.loss import Masks, Objective
from models.style.options import Weights
from models.style.static.convolutions import StaticVGG19
from models.style.terms import Style


class Region(NamedTuple):
    """A mask as the sums use it: its square root at each place, `(1, 1, H, W)`, and its sum."""

    root: Tensor
    total: float


Regions = dict[str, Region | None]  # at each layer


class StaticObjective(Objective):
    """The same loss as `Objective`, of features in one precision; see there for the arguments.

    Args:
        vgg: in the precision to compute in.
        content: the photograph.
        styles: the paintings.
        weights: of the terms.
        content_mask: where the content counts.
        revive: as for `Objective`.
    """

    def __init__(
        self,
        vgg: StaticVGG19,
        content: Tensor,
        styles: Sequence[Style],
        *,
        weights: Weights,
        content_mask: Tensor | None = None,
        revive: bool = False,
    ) -> None:
        self.dtype = vgg.dtype
        super().__init__(  # exact: the network has a precision of its own, and autocast would convert to another
            vgg, content, styles, weights=weights, content_mask=content_mask, revive=revive, exact=True
        )
        self.content_regions = self._regions(self.content_masks)
        self.term_regions = [self._regions(term.masks) for term in self.terms]

    def content_features(self, picture: Tensor) -> dict[str, Tensor]:
        """What the content loss compares, in the precision of the features."""
        features = self.features(picture) if self.weights.of_content else {}
        return {layer: features[layer] for layer in self.weights.of_content}

    def matrices(self, picture: Tensor, masks: Masks) -> dict[str, Tensor]:
        """What the style loss compares."""
        features = self.features(picture)
        return {layer: _matrix(features[layer], region) for layer, region in self._regions(masks).items()}

    def _content(self, features: dict[str, Tensor], picture: Tensor) -> Tensor:
        loss = picture.new_zeros(())
        for layer, weight in self.weights.of_content.items():
            target, region = self.content[layer], self.content_regions[layer]
            squares = _Squares.apply(features[layer], target, region and region.root)
            loss = loss + weight / target.numel() * squares
        return loss

    def _style(self, features: dict[str, Tensor], picture: Tensor) -> Tensor:
        whole: dict[str, Tensor] = {}
        of_terms: list[dict[str, Tensor]] = []
        for regions in self.term_regions:
            own: dict[str, Tensor] = {}
            for layer, region in regions.items():
                if region is None and layer not in whole:
                    whole[layer] = _matrix(features[layer], None)
                own[layer] = whole[layer] if region is None else _matrix(features[layer], region)
            of_terms.append(own)
        return self.style_loss(of_terms, picture)

    def _regions(self, masks: Masks) -> Regions:
        return {
            layer: None if mask is None else Region(mask.sqrt().to(self.dtype), float(mask.sum()))
            for layer, mask in masks.items()
        }


class _Squares(torch.autograd.Function):
    """The sum of squared differences in float32, of features in any precision; each place by its mask."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, target: Tensor, root: Tensor | None) -> Tensor:
        difference = features - target
        if root is not None:
            difference = difference * root
        ctx.save_for_backward(difference, root)
        return torch.linalg.vector_norm(difference, dtype=torch.float32).square()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, ...]:
        difference, root = ctx.saved_tensors
        gradient = difference * (2 * slope)
        return gradient if root is None else gradient * root, None, None


def _matrix(features: Tensor, region: Region | None) -> Tensor:
    """The Gram matrix of one layer; see `gram.gram`."""
    if region is None:
        return gram.products(features) / (features.shape[-2] * features.shape[-1])
    return gram.products(features * region.root) / region.total
