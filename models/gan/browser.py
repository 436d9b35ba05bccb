"""A DCGAN generator as one small file that a browser can run: half-precision weights, batch norm as scale and shift.

`demos/page/generator.js` reads the file. Positions come before channels throughout, so that its innermost loop runs
over neighbouring numbers.
"""

from __future__ import annotations

import safetensors.torch
import torch
from torch import Tensor, nn

from models.gan import dcgan


def browser_file(generator: dcgan.Generator) -> bytes:
    """Return a generator as the bytes of a safetensors file.

    Layer `i` of `layers` has three tensors: `i.weight` in half precision, and `i.scale` and `i.shift` in single
    precision, one number for each channel, which are applied to the layer's sums. Layer 0 is a matrix `(numbers of z
    and modes, 4 * 4 * channels)`; each later one a transposed convolution `(channels before, 4, 4, channels)` with
    stride 2 and padding 1. A ReLU follows every layer but the last, which a tanh follows. The metadata hold, as text,
    `layers`, `z_dim`, `modes`, `mode_length` (the value of the chosen mode's input), `size` and `channels`.
    """
    convolutions = [layer for layer in generator.layers if isinstance(layer, nn.ConvTranspose2d)]
    norms = [layer for layer in generator.layers if isinstance(layer, nn.BatchNorm2d)]
    tensors: dict[str, Tensor] = {}
    for i, convolution in enumerate(convolutions):
        weight = convolution.weight.permute(0, 2, 3, 1)  # (before, 4, 4, channels)
        tensors[f"{i}.weight"] = (weight.flatten(1) if i == 0 else weight).half().contiguous()
        scale, shift = _scale_and_shift(norms[i] if i < len(norms) else None, convolution)
        tensors[f"{i}.scale"], tensors[f"{i}.shift"] = scale.float(), shift.float()
    described = {
        "layers": len(convolutions),
        "z_dim": generator.z_dim,
        "modes": generator.modes,
        "mode_length": generator.mode_length,
        "size": generator.size,
        "channels": convolutions[-1].out_channels,
    }
    metadata = {name: str(value) for name, value in described.items()}
    return safetensors.torch.save({name: tensor.detach().cpu() for name, tensor in tensors.items()}, metadata)


def _scale_and_shift(norm: nn.BatchNorm2d | None, convolution: nn.ConvTranspose2d) -> tuple[Tensor, Tensor]:
    """What follows the sums of a layer: its bias, and its batch norm with fixed statistics."""
    channels = convolution.out_channels
    scale, shift = torch.ones(channels), torch.zeros(channels)
    if convolution.bias is not None:
        shift = convolution.bias
    if norm is not None:
        assert norm.running_mean is not None
        assert norm.running_var is not None
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        shift = norm.bias + (shift - norm.running_mean) * scale
    return scale, shift
