"""Fast R1 penalty for piecewise-linear discriminators: four passes through the layers where autograd takes six.

Near each picture x, a network of convolutions and leaky ReLUs is a linear map y = A x + c, so the gradient g of y by x
is A. The gradient of `loss(y) + w / 2 |g|²` by the weights is then that of the same map for the single picture
`p x + w g`, where p is the gradient of the loss by y. Backward through the layers go the values already computed for g.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from models.gan.training.losses import mean_square


@dataclass(frozen=True)
class ForwardPass:
    """Pictures after a pass through the network, with all that the gradients of loss and penalty need.

    Attributes:
        layers: of the network.
        pictures: `(B, C, H, W)`.
        verdicts: float32 `(B,)`, a leaf: call `backward` on a loss of them before `add_gradients`.
        slope: of each verdict by its picture, `(B, C, H, W)`.
        outputs: of each convolution.
        slopes: of each verdict by these.
    """

    layers: nn.Sequential
    pictures: Tensor
    verdicts: Tensor
    slope: Tensor
    outputs: list[Tensor]
    slopes: tuple[Tensor, ...]

    def penalty(self) -> Tensor:
        """The mean squared slope, the same as `models.gan.training.losses.squared_slope`."""
        return mean_square(self.slope)

    def add_gradients(self, weight: float) -> None:
        """Add the gradients of the loss and of `weight / 2` times the penalty to those of the parameters."""
        assert self.verdicts.grad is not None, "call backward on a loss of the verdicts first"
        count = len(self.verdicts)  # the loss is a mean: taken times the batch, the mixture is as large as a picture,
        pull = count * self.verdicts.grad.view(-1, 1, 1, 1)  # and half precision does not lose it beside the biases
        mixed = pull * self.pictures + weight * self.slope
        torch.autograd.backward(list(self._mapped(mixed, pull)), [slope / count for slope in self.slopes])

    def _mapped(self, mixed: Tensor, pull: Tensor) -> Iterator[Tensor]:
        """The outputs of each convolution for a mixture, each cut off from the one before."""
        positive: Tensor | None = None
        outputs = iter(self.outputs)
        for layer in self.layers:
            if isinstance(layer, nn.LeakyReLU):
                assert positive is not None
                mixed = torch.where(positive, mixed, layer.negative_slope * mixed).detach()
                continue
            mixed = layer(mixed)
            assert isinstance(layer.bias, Tensor)
            bias = layer.bias.view(-1, *[1] * (mixed.ndim - 2))  # of maps, or of the last layer's numbers
            mixed = mixed + ((pull.flatten(1) if mixed.ndim == 2 else pull) * bias - bias).to(mixed.dtype)
            positive = next(outputs) > 0
            yield mixed


def is_piecewise_linear(network: nn.Module) -> bool:
    """Whether `forward` can be used: the network's `layers` are convolutions with biases and leaky ReLUs."""
    layers = getattr(network, "layers", None)
    return isinstance(layers, nn.Sequential) and all(
        isinstance(layer, nn.LeakyReLU) or (isinstance(layer, nn.Conv2d) and layer.bias is not None) for layer in layers
    )


def forward(network: nn.Module, pictures: Tensor) -> ForwardPass:
    """Pass pictures `(B, C, H, W)` through a piecewise-linear network, and the verdicts' slopes back."""
    layers = network.layers
    assert isinstance(layers, nn.Sequential)
    pictures = pictures.detach().requires_grad_()
    outputs: list[Tensor] = []
    maps = pictures
    for layer in layers:
        if isinstance(layer, nn.LeakyReLU):
            maps = leaky_relu(maps, layer.negative_slope)  # not in place: the outputs are needed again
        else:
            maps = layer(maps)
            outputs.append(maps)
    *slopes, slope = torch.autograd.grad(maps.float().sum(), [*outputs, pictures])
    kept = [output.detach() for output in outputs]
    return ForwardPass(
        layers, pictures.detach(), kept[-1].float().flatten().requires_grad_(), slope, kept, tuple(slopes)
    )
