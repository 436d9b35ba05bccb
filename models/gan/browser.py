"""A DCGAN generator as one small file that a browser can run: half-precision weights, batch norm as scale and shift.

`demos/page/generator.js` reads the file. Each layer is a matrix product there, whose weights are cut into panels of
eight columns: the sums of four rows of eight stay in a processor's registers, and a panel's numbers are neighbours.
"""

from __future__ import annotations

import safetensors.torch
import torch
from torch import Tensor, nn

from models.gan import dcgan, labelled

COLUMNS = 8  # of a panel


def browser_file(generator: dcgan.Generator) -> bytes:
    """Return a generator as the bytes of a safetensors file.

    Layer `i` of `layers` has three tensors. `i.weight` `(columns / 8, rows, 8)`, in half precision, is a matrix in
    panels. `i.scale` and `i.shift`, in single precision, have one number for each channel, applied to the layer's sums.
    Layer 0 has a row for each number of z and each mode; each later one, a transposed convolution with stride 2 and
    padding 1, has a row for each channel before. Columns are `4 * 4 * channels`: positions come before channels. A ReLU
    follows every layer but the last, which a tanh follows.

    The metadata hold, as text, `layers`, `z_dim`, `modes`, `mode_length` (the value of the chosen mode's input),
    `labels` (how many numbers at the end of z choose a label), `sharpness` (of their softmax), `size` and `channels`.
    """
    convolutions = [layer for layer in generator.layers if isinstance(layer, nn.ConvTranspose2d)]
    norms = [layer for layer in generator.layers if isinstance(layer, nn.BatchNorm2d)]
    tensors: dict[str, Tensor] = {}
    for i, convolution in enumerate(convolutions):
        weight = convolution.weight.permute(0, 2, 3, 1).flatten(1)  # (before, 4 * 4 * channels)
        panels = weight.unflatten(1, (-1, COLUMNS)).transpose(0, 1)  # (panels, before, 8)
        tensors[f"{i}.weight"] = panels.half().contiguous()
        scale, shift = _scale_and_shift(norms[i] if i < len(norms) else None, convolution)
        tensors[f"{i}.scale"], tensors[f"{i}.shift"] = scale.float(), shift.float()
    described = {
        "layers": len(convolutions),
        "z_dim": generator.z_dim,
        "modes": generator.modes,
        "mode_length": generator.mode_length,
        "labels": len(generator.labels) if isinstance(generator, labelled.Generator) else 0,
        "sharpness": labelled.SHARPNESS,
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
