"""Train convolutions with whitened inputs, so that an optimiser step has the same size in every direction.

The features of a deep network are strongly correlated. Adam moves every weight by the same amount, so the sum of the
inputs changes much and their differences hardly at all; this spoils a network that is nearly right, such as a thinned
one, before it learns anything. Here a kernel is V P, where P is the inverse square root of the second moments of the
inputs, and the optimiser moves V (as in natural gradients: Desjardins et al., NeurIPS 2015). `spectral.folded` returns
the kernels V P.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

POSITIONS = 4000  # at most, of a picture, at which the inputs of a layer are measured
RIDGE = 1.0  # share of the mean second moment, added to all: limits the amplification of directions that hardly vary


class Whitened(nn.Module):
    """The parametrisation of a kernel; the identity until `whiten` sets it.

    Args:
        inputs: numbers that one kernel is multiplied with.
    """

    shrink: Tensor
    grow: Tensor

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.register_buffer("shrink", torch.eye(inputs))
        self.register_buffer("grow", torch.eye(inputs))

    def forward(self, parameter: Tensor) -> Tensor:
        """Turn the parameter that the optimiser moves into kernels `(O, I, 3, 3)` of the same shape."""
        return (parameter.flatten(1) @ self.shrink).view_as(parameter)

    def right_inverse(self, kernels: Tensor) -> Tensor:
        """Turn kernels into the parameter that gives them."""
        return (kernels.flatten(1) @ self.grow).view_as(kernels)


def prepare(network: nn.Module) -> None:
    """Parametrise every convolution made by `vgg.conv3x3`, in place; the kernels stay the same."""
    for convolution in list(_convolutions(network)):
        parametrize.register_parametrization(convolution, "weight", Whitened(convolution.weight[0].numel()))


@torch.no_grad()
def whiten(network: nn.Module, use: Callable[[], object]) -> None:
    """Measure the inputs of every convolution of a prepared network and whiten them; the kernels stay the same.

    Args:
        network: after `prepare`.
        use: runs the network on typical pictures; a layer that runs twice counts twice.
    """
    moments: dict[nn.Conv2d, Tensor] = {}
    random = torch.Generator().manual_seed(0)

    def measure(convolution: nn.Conv2d, inputs: tuple[Tensor, ...]) -> None:
        for picture in F.pad(inputs[0], (1, 1, 1, 1), mode="reflect"):
            columns = F.unfold(picture[None], 3)[0]
            positions = torch.randint(columns.shape[1], (min(POSITIONS, columns.shape[1]),), generator=random)
            columns = columns[:, positions.to(columns.device)].double()
            second = columns @ columns.T / (columns.shape[1] * len(inputs[0]))
            moments[convolution] = moments.get(convolution, 0) + second

    hooks = [convolution.register_forward_pre_hook(measure) for convolution in _convolutions(network)]
    use()
    for hook in hooks:
        hook.remove()
    for convolution, second in moments.items():
        whitened, kernels = _parametrisation(convolution), convolution.weight.clone()
        variances, directions = torch.linalg.eigh(second / second.diagonal().mean())
        variances = variances.clamp_min(0) + RIDGE
        scale = second.diagonal().mean().sqrt()
        whitened.shrink.copy_((directions * variances.rsqrt()) @ directions.T / scale)
        whitened.grow.copy_((directions * variances.sqrt()) @ directions.T * scale)
        convolution.weight = kernels


@torch.no_grad()
def fill(network: nn.Module, plain: nn.Module) -> None:
    """Copy the kernels and biases of a network without the parametrisation into a prepared network of its shape."""
    for convolution, source in zip(_convolutions(network), _convolutions(plain), strict=True):
        convolution.weight = source.weight.detach().clone()
        assert convolution.bias is not None
        assert source.bias is not None
        convolution.bias.copy_(source.bias)


def _parametrisation(convolution: nn.Conv2d) -> Whitened:
    parametrisation = convolution.get_submodule("parametrizations.weight.0")
    assert isinstance(parametrisation, Whitened)
    return parametrisation


def _convolutions(network: nn.Module) -> Iterator[nn.Conv2d]:
    return (module for module in network.modules() if isinstance(module, nn.Conv2d))
