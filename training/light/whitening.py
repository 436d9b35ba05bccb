"""Train convolutions whose inputs are whitened, so that a step is as long in every direction.

The features of a deep network rise and fall together. Adam moves every weight by the same amount, so what moves the sum
of the inputs moves far, and what tells them apart hardly at all; a network that is nearly right, such as a thinned one,
is thrown off before it has learnt anything. Here a kernel is V P, P being the inverse square root of the inputs'
second moments, and V is what the optimiser moves (as in natural gradients: Desjardins et al., NeurIPS 2015).
`spectral.folded` gives the kernels as they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

PLACES = 4000  # of a picture, at most, that a layer's inputs are read at
RIDGE = 1.0  # of the mean second moment, added to all: what hardly varies is not blown up to vary like the rest


class Whitened(nn.Module):
    """The parametrisation; the identity until `whiten` has filled it.

    Args:
        inputs: numbers that a kernel is multiplied with.
    """

    shrink: Tensor
    grow: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("shrink", torch.eye(inputs))
        self.register_buffer("grow", torch.eye(inputs))

    def forward(self, moved: Tensor) -> Tensor:
        """The kernels `(O, I, 3, 3)` of what the optimiser moves, of the same shape."""
        return (moved.flatten(1) @ self.shrink).view_as(moved)

    def right_inverse(self, kernels: Tensor) -> Tensor:
        """What the optimiser has to have for these kernels."""
        return (kernels.flatten(1) @ self.grow).view_as(kernels)


def prepare(network: nn.Module) -> None:
    """Parametrise every convolution of `vgg.conv3x3`'s kind, in place; nothing changes yet."""
    for convolution in list(_convolutions(network)):
        parametrize.register_parametrization(convolution, "weight", Whitened(convolution.weight[0].numel()))


@torch.no_grad()
def whiten(network: nn.Module, use: Callable[[], object]) -> None:
    """Measure what goes into every convolution of a prepared network, and whiten it; the kernels stay what they are.

    Args:
        network: as `prepare` left it.
        use: runs it on pictures that are typical; a layer that it runs twice counts twice.
    """
    moments: dict[nn.Conv2d, Tensor] = {}
    random = torch.Generator().manual_seed(0)

    def measure(convolution: nn.Conv2d, inputs: tuple[Tensor, ...]) -> None:
        for picture in F.pad(inputs[0], (1, 1, 1, 1), mode="reflect"):
            columns = F.unfold(picture[None], 3)[0]
            places = torch.randint(columns.shape[1], (min(PLACES, columns.shape[1]),), generator=random)
            seen = columns[:, places.to(columns.device)].double()
            moments[convolution] = moments.get(convolution, 0) + seen @ seen.T / (seen.shape[1] * len(inputs[0]))

    hooks = [convolution.register_forward_pre_hook(measure) for convolution in _convolutions(network)]
    use()
    for hook in hooks:
        hook.remove()
    for convolution, found in moments.items():
        whitened, kernels = _parametrisation(convolution), convolution.weight.clone()
        variances, directions = torch.linalg.eigh(found / found.diagonal().mean())
        variances = variances.clamp_min(0) + RIDGE
        scale = found.diagonal().mean().sqrt()
        whitened.shrink.copy_((directions * variances.rsqrt()) @ directions.T / scale)
        whitened.grow.copy_((directions * variances.sqrt()) @ directions.T * scale)
        convolution.weight = kernels


@torch.no_grad()
def fill(network: nn.Module, plain: nn.Module) -> None:
    """Give a prepared network the kernels and biases of one like it that is not prepared."""
    for convolution, known in zip(_convolutions(network), _convolutions(plain), strict=True):
        convolution.weight = known.weight.detach().clone()
        assert convolution.bias is not None
        assert known.bias is not None
        convolution.bias.copy_(known.bias)


def _parametrisation(convolution: nn.Conv2d) -> Whitened:
    found = convolution.get_submodule("parametrizations.weight.0")
    assert isinstance(found, Whitened)
    return found


def _convolutions(network: nn.Module) -> Iterator[nn.Conv2d]:
    return (module for module in network.modules() if isinstance(module, nn.Conv2d))
