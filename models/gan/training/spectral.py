"""Spectral normalisation of a whole network (Miyato et al., 2018): every layer's largest singular value is held at 1.

It belongs to the training alone: `folded` gives the weights as the layers use them, which is what gets saved.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils.parametrizations import spectral_norm

NORMALISED = nn.Conv2d | nn.ConvTranspose2d | nn.Linear


def normalise(network: nn.Module) -> None:
    """Give every convolution and linear layer a normalised weight, in place.

    A network can be normalised once; a new run builds a new one.
    """
    for module in list(network.modules()):
        if isinstance(module, NORMALISED):
            spectral_norm(module)


def folded(network: nn.Module) -> dict[str, Tensor]:
    """The state dict that the network would have without parametrisations, with the weights in use.

    Reading a normalised weight while training would move its estimate of the singular vector, so it is read in
    evaluation mode.
    """
    training = network.training
    network.eval()
    state = {name: tensor for name, tensor in network.state_dict().items() if "parametrizations." not in name}
    for path, module in network.named_modules():
        if parametrize.is_parametrized(module):
            state[f"{path}.weight"] = module.weight.detach()
    network.train(training)
    return state
