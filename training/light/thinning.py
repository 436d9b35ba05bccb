"""Initialise a network from a wider one: choose some of its channels and fit their kernels layer by layer.

Each layer of the thin network stands for a layer of the wide one. It keeps the channels that span the others best, and
its kernels are the least-squares solution that gives these channels, before the ReLU, from the output of the previous
thin layer (the two halves of channel pruning by He et al., ICCV 2017). So each layer corrects the errors of the layers
before it, and a minute of this replaces hours of training from scratch.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.style import adain, light
from models.style.adain import Decoder
from models.style.layers import LAYERS
from models.style.light import LightStyle
from models.style.vgg import VGG19

POSITIONS = 40_000  # of all pictures together, that a layer is fitted on
RIDGE = 1e-4  # share of the mean square of the inputs: keeps kernels small where a large one would hardly fit better


@torch.no_grad()
def thin(network: LightStyle, vgg: VGG19, decoder: Decoder, photos: Tensor, paintings: Tensor) -> dict[str, float]:
    """Initialise a thin network.

    Args:
        network: to initialise.
        vgg: the wide encoder.
        decoder: the wide decoder.
        photos: `(B, 3, H, W)` in [0, 1].
        paintings: of the same shape; each photo is restyled with the painting at its index.

    Returns:
        By layer, the share of the variance of the chosen channels that it does not explain.
    """
    random = torch.Generator().manual_seed(0)
    x = torch.cat([photos, paintings])
    wide, unexplained = _encoded(vgg, x), {}
    for name, convolution, new in light.layers(network.encoder):
        x = light.smaller(x) if new else x
        unexplained[f"encoder {name}"] = fit(convolution, x, wide[name], random)
        x = F.relu(convolution(x))
    wide, x = _decoded(decoder, _restyled(wide["conv4_1"].relu())), _restyled(x)
    for name, convolution, new in light.layers(network.decoder):
        x = light.larger(x) if new else x
        unexplained[f"decoder {name}"] = fit(convolution, x, wide[name], random)
        x = F.relu(convolution(x))
    return unexplained


def _restyled(features: Tensor) -> Tensor:
    """The first half of a batch in the styles of the second."""
    contents, styles = features.chunk(2)
    return adain.adain(contents, adain.moments(styles))


def _encoded(vgg: VGG19, pictures: Tensor) -> dict[str, Tensor]:
    """The output of each convolution of the encoder."""
    outputs: dict[str, Tensor] = {}
    x = vgg.colour(pictures)
    for layer in LAYERS[: LAYERS.index(adain.LAYER) + 1]:
        x = light.smaller(x) if layer.endswith("_1") and outputs else x
        name = layer.replace("relu", "conv")
        outputs[name] = vgg.get_submodule(name)(x)
        x = F.relu(outputs[name])
    return outputs


def _decoded(decoder: Decoder, features: Tensor) -> dict[str, Tensor]:
    """The output of each convolution of the decoder."""
    outputs: dict[str, Tensor] = {}
    hooks = [
        convolution.register_forward_hook(lambda _, __, output, name=name: outputs.update({name: output}))
        for name, convolution in decoder.named_children()
        if isinstance(convolution, nn.Conv2d)
    ]
    decoder(features)
    for hook in hooks:
        hook.remove()
    return outputs


def fit(convolution: nn.Module, x: Tensor, wide: Tensor, random: torch.Generator) -> float:
    """Fit a convolution of the thin network by least squares.

    Args:
        convolution: made by `vgg.conv3x3`.
        x: its input `(B, I, H, W)`.
        wide: output of the wide layer that it stands for, before the ReLU, `(B, O, H, W)`.
        random: chooses the positions to fit on.

    Returns:
        The share of the variance of the chosen channels that it does not explain.
    """
    assert isinstance(convolution, nn.Conv2d)
    count, (height, width) = max(1, POSITIONS // len(x)), x.shape[2:]
    inputs, outputs = [], []
    for picture, targets in zip(F.pad(x, (1, 1, 1, 1), mode="reflect"), wide, strict=True):
        positions = torch.randint(height * width, (count,), generator=random).to(x.device)
        inputs.append(F.unfold(picture[None], 3)[0, :, positions].T.cpu())
        outputs.append(targets.flatten(1)[:, positions].T.cpu())
    a = F.pad(torch.cat(inputs).double(), (0, 1), value=1.0)  # the last column is for the bias
    b = torch.cat(outputs).double()
    b = b[:, spanning(b.relu(), convolution.out_channels)]
    normal = a.T @ a
    normal += RIDGE * normal.diagonal().mean() * torch.eye(len(normal), dtype=normal.dtype)
    solution = torch.linalg.solve(normal, a.T @ b)
    convolution.weight.copy_(solution[:-1].T.unflatten(1, convolution.weight.shape[1:]))
    assert convolution.bias is not None
    convolution.bias.copy_(solution[-1])
    return float((a @ solution - b).square().mean() / (b - b.mean(0)).square().mean())


def spanning(values: Tensor, count: int) -> list[int]:
    """Choose the columns that span the others best: each time the one with the largest residual (pivoted Cholesky).

    Args:
        values: `(N, C)`, float64.
        count: number of columns, at most C.

    Returns:
        Their indices, in rising order.
    """
    products = values.T @ values
    residual, chosen = products.diagonal().clone(), list[int]()
    factor = torch.zeros(len(products), count, dtype=products.dtype)
    for i in range(count):
        pivot = int(residual.argmax())
        column = products[:, pivot] - factor[:, :i] @ factor[pivot, :i]
        factor[:, i] = column / residual[pivot].clamp_min(1e-12).sqrt()
        chosen.append(pivot)
        residual -= factor[:, i].square()
        residual[chosen] = -1
    return sorted(chosen)
