"""What a painting is measured by: content, style and total variation of Gatys et al. (2016), with regions.

With F the features of the picture x, P of the content and A the style's Gram matrices (`gram.py`, divided by the
M places of a layer of C filters), all of the normalised VGG-19,

    loss(x)    = α · content + β · style + γ · variation
    content    = Σ w · mean (F - P)²                  over the content layers, relu4_2
    style      = Σ w · mean (G - A)² / (16 · C)       over the style layers, relu1_1 … relu5_1
    variation  = mean (x - its neighbour)²            right and below

where the weights w of the layers sum to 1. The style's term is equation 4 of the paper per filter, without whose 1 / C
the deep layers, with their many filters, drown the brush strokes; 16 in place of the paper's 4 puts α : β = 1 : 10 000
where the photograph is plainly recognised and plainly painted. `python -m benchmarks.style_weights` shows that, from
1 : 10² to 1 : 10⁶.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.device import training_autocast
from models.style import gram
from models.style.layers import LAYERS, stride
from models.style.options import Weights
from models.style.terms import Style, check


class Losses(NamedTuple):
    """The terms of a picture's loss, each before its weight, and their weighted sum; tensors of one number."""

    content: Tensor
    style: Tensor
    variation: Tensor
    total: Tensor


Masks = dict[str, Tensor | None]  # one region at each layer


class Term(NamedTuple):
    """One style: its share of the style loss, its region and its Gram matrices."""

    share: float
    masks: Masks
    targets: dict[str, Tensor]


class Objective:
    """The loss of pictures of one size; content and style are measured once, when it is made.

    Args:
        vgg: the features, by a module that is called as VGG-19 is.
        content: `(1, 3, H, W)` in [0, 1].
        styles: as they are to be imitated, in the size that their strokes are to have.
        weights: of the terms.
        content_mask: where the content counts, `(1, 1, H, W)` in [0, 1]; None is everywhere.
        revive: the content's gradient also reaches filters that are silent and ought to fire (`vgg.ReviveReLU`). It
            points down but is no derivative, which a line search would need.
        exact: compute in float32 also where half precision is fast, for figures to compare from machine to machine.

    Raises:
        ValueError: a picture is too small, a mask is empty or not the size of its picture, or no style counts.
    """

    def __init__(
        self,
        vgg: nn.Module,
        content: Tensor,
        styles: Sequence[Style],
        *,
        weights: Weights,
        content_mask: Tensor | None = None,
        revive: bool = False,
        exact: bool = False,
    ) -> None:
        self.vgg, self.weights, self.exact = vgg, weights, exact
        self.revive = weights.of_content if revive else {}
        self.layers = sorted({*weights.of_content, *weights.of_style}, key=LAYERS.index)
        check(content, styles, weights=weights, content_mask=content_mask)
        styles = [style for style in styles if style.weight] if weights.of_style else []
        with torch.no_grad():
            self.content = self.content_features(content)
            self.content_masks = _at_layers(content_mask, content, weights.of_content)
            self.terms = [
                Term(
                    share,
                    _at_layers(style.where, content, weights.of_style),
                    self.matrices(style.picture, _at_layers(style.of, style.picture, weights.of_style)),
                )
                for style, share in zip(styles, _areas(styles), strict=True)
            ]

    def content_features(self, picture: Tensor) -> dict[str, Tensor]:
        """What the content loss compares."""
        features = self.features(picture) if self.weights.of_content else {}
        return {layer: features[layer].float() for layer in self.weights.of_content}

    def matrices(self, picture: Tensor, masks: Masks) -> dict[str, Tensor]:
        """What the style loss compares."""
        features = self.features(picture)
        return {layer: gram.gram(features[layer], mask) for layer, mask in masks.items()}

    def features(self, picture: Tensor) -> dict[str, Tensor]:
        """The features of the chosen layers, in half precision where that is fast and not forbidden."""
        with training_autocast(picture.device) if not self.exact else nullcontext():
            return self.vgg(picture, self.layers, revive=self.revive)

    def __call__(self, picture: Tensor) -> Losses:
        """Measure a picture `(1, 3, H, W)`, differentiably."""
        features, w = self.features(picture), self.weights
        content, style = self._content(features, picture), self._style(features, picture)
        variation = total_variation(picture if w.variation else picture.detach())
        return Losses(content, style, variation, w.content * content + w.style * style + w.variation * variation)

    def gradient(self, picture: Tensor, *, wanted: bool = True) -> tuple[Losses, Tensor | None]:
        """Measure a picture, and say which way its loss grows.

        Args:
            picture: `(1, 3, H, W)`.
            wanted: False saves the backward pass; there is no gradient then.

        Returns:
            The losses, and the total's gradient `(1, 3, H, W)`.
        """
        with torch.set_grad_enabled(wanted):
            leaf = picture.detach().requires_grad_(wanted)
            losses = self(leaf)
        gradient = torch.autograd.grad(losses.total, leaf)[0] if wanted else None
        return Losses(*(loss.detach() for loss in losses)), gradient

    def _content(self, features: dict[str, Tensor], picture: Tensor) -> Tensor:
        loss = picture.new_zeros(())
        for layer, weight in self.weights.of_content.items():
            target = self.content[layer]
            loss = loss + weight * squares(features[layer], target, self.content_masks[layer]) / target.numel()
        return loss

    def _style(self, features: dict[str, Tensor], picture: Tensor) -> Tensor:
        whole: dict[str, Tensor] = {}  # of the unmasked picture: once, however many styles want it
        matrices: list[dict[str, Tensor]] = []
        for term in self.terms:
            own = {layer: gram.gram(features[layer], mask) for layer, mask in term.masks.items() if mask is not None}
            for layer in term.masks.keys() - own.keys():
                own[layer] = whole[layer] = whole[layer] if layer in whole else gram.gram(features[layer])
            matrices.append(own)
        return self.style_loss(matrices, picture)

    def style_loss(self, of_terms: Sequence[dict[str, Tensor]], picture: Tensor) -> Tensor:
        """The style's term, of one set of Gram matrices for each of `terms`."""
        loss = picture.new_zeros(())
        for term, matrices in zip(self.terms, of_terms, strict=True):
            for layer, weight in self.weights.of_style.items():
                loss = loss + term.share * weight * gram_distance(matrices[layer], term.targets[layer])
        return loss


def squares(features: Tensor, target: Tensor, mask: Tensor | None) -> Tensor:
    """The sum of squared differences in float32, each place by its mask."""
    if mask is None:
        return F.mse_loss(features.float(), target, reduction="sum")
    return (mask * (features.float() - target).square()).sum()


def gram_distance(matrix: Tensor, target: Tensor) -> Tensor:
    """One layer's style loss: mean (G - A)² / (16 · C)."""
    return F.mse_loss(matrix, target) / (16 * matrix.shape[-1])


def total_variation(picture: Tensor) -> Tensor:
    """The mean squared difference of a pixel and its neighbours, right and below."""
    right = (picture[..., :, 1:] - picture[..., :, :-1]).square().mean()
    return right + (picture[..., 1:, :] - picture[..., :-1, :]).square().mean()


def _areas(styles: Sequence[Style]) -> list[float]:
    """Each style's share of the style loss.

    A region counts by its area, so that style and content weigh alike in a small region and in a large one; where
    styles overlap, they share by their weights.
    """
    areas = [1.0 if style.where is None else float(style.where.mean()) for style in styles]
    if any(style.where is None for style in styles):
        covered = 1.0
    else:
        covered = float(torch.stack([s.where for s in styles if s.where is not None]).amax(0).mean()) if styles else 1.0
    total = sum(style.weight * area for style, area in zip(styles, areas, strict=True))
    return [covered * style.weight * area / total for style, area in zip(styles, areas, strict=True)]


def _at_layers(mask: Tensor | None, picture: Tensor, layers: Iterable[str]) -> Masks:
    height, width = picture.shape[-2:]
    sizes = {layer: (-(-height // stride(layer)), -(-width // stride(layer))) for layer in layers}
    return {layer: None if mask is None else gram.shrink(mask, size) for layer, size in sizes.items()}
