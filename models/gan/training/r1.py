"""R1 for a discriminator that is linear between its kinks, in four passes through its layers where autograd takes six.

Around each picture x, convolutions and leaky rectifiers are a linear map y = A x + c whose slope g is A itself. The
gradient of `loss(y) + w / 2 |g|²` by the weights is that of the same map for the one picture `p x + w g`, where p is
the loss's pull on y; and what flows back through the layers is what has already flowed back for g.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from models.gan.training.losses import mean_square


@dataclass(frozen=True)
class Judged:
    """Pictures that went through the network, and what is needed to learn from them.

    Attributes:
        layers: of the network.
        pictures: `(B, C, H, W)`.
        verdicts: float32 `(B,)`, a leaf: once a loss of them has gone backwards, `learn`.
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
        """Mean squared slope, as `models.gan.training.losses.squared_slope` has it."""
        return mean_square(self.slope)

    def learn(self, weight: float) -> None:
        """Add the gradients of the loss and of `weight / 2` times the penalty to those of the parameters."""
        assert self.verdicts.grad is not None, "no loss of the verdicts has gone backwards"
        count = len(self.verdicts)  # the loss is a mean: taken times the batch, the mixture is as large as a picture,
        pull = count * self.verdicts.grad.view(-1, 1, 1, 1)  # and half precision does not lose it beside the biases
        mixed = pull * self.pictures + weight * self.slope
        torch.autograd.backward(list(self._mapped(mixed, pull)), [slope / count for slope in self.slopes])

    def _mapped(self, mixed: Tensor, pull: Tensor) -> Iterator[Tensor]:
        """The outputs of each convolution for a mixture, each cut off from the one before."""
        positive = torch.tensor(True)
        outputs = iter(self.outputs)
        for layer in self.layers:
            if isinstance(layer, nn.LeakyReLU):
                mixed = torch.where(positive, mixed, layer.negative_slope * mixed).detach()
                continue
            mixed = layer(mixed)
            assert isinstance(layer.bias, Tensor)
            bias = layer.bias.view(-1, *[1] * (mixed.ndim - 2))  # of maps, or of the last layer's numbers
            mixed = mixed + ((pull.flatten(1) if mixed.ndim == 2 else pull) * bias - bias).to(mixed.dtype)
            positive = next(outputs) > 0
            yield mixed


def straight(network: nn.Module) -> bool:
    """Whether `judge` can be used on the network's `layers`."""
    layers = getattr(network, "layers", None)
    return isinstance(layers, nn.Sequential) and all(
        isinstance(layer, nn.LeakyReLU) or (isinstance(layer, nn.Conv2d) and layer.bias is not None) for layer in layers
    )


def judge(network: nn.Module, pictures: Tensor) -> Judged:
    """Take pictures `(B, C, H, W)` forth through a `straight` network, and the verdicts' slopes back."""
    layers = network.layers
    assert isinstance(layers, nn.Sequential)
    pictures = pictures.detach().requires_grad_()
    outputs: list[Tensor] = []
    passed = pictures
    for layer in layers:
        if isinstance(layer, nn.LeakyReLU):
            passed = leaky_relu(passed, layer.negative_slope)  # not in place: the outputs are asked for again
        else:
            passed = layer(passed)
            outputs.append(passed)
    *slopes, slope = torch.autograd.grad(passed.float().sum(), [*outputs, pictures])
    kept = [output.detach() for output in outputs]
    return Judged(layers, pictures.detach(), kept[-1].float().flatten().requires_grad_(), slope, kept, tuple(slopes))
