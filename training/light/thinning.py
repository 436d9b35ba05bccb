"""Cut a thin network out of a wide one: some of its channels, refitted layer by layer to what they were.

Each thin layer stands for one of the wide network. Of that one's channels it keeps those that span the others best, and
its kernels are the least-squares solution that makes them, before the ReLU, out of what the thin layer before puts out
(the two halves of channel pruning by He et al., ICCV 2017). So the errors of one layer are known to the next, and a
minute of this is worth hours of training from scratch.
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

PLACES = 40_000  # of all pictures together, that a layer is fitted on
RIDGE = 1e-4  # of the mean square of the inputs, so that no kernel grows large to gain next to nothing


@torch.no_grad()
def thin(network: LightStyle, vgg: VGG19, decoder: Decoder, photos: Tensor, paintings: Tensor) -> dict[str, float]:
    """Fill a thin network.

    Args:
        network: to be filled.
        vgg: the wide encoder.
        decoder: the wide decoder.
        photos: `(B, 3, H, W)` in [0, 1].
        paintings: of the same shape; each photo is painted in the style of its own.

    Returns:
        By layer, the share of the variance of the channels it stands for that it does not make.
    """
    random = torch.Generator().manual_seed(0)
    x = torch.cat([photos, paintings])
    wide, left = _encoded(vgg, x), {}
    for name, convolution, new in light.layers(network.encoder):
        x = light.smaller(x) if new else x
        left[f"encoder {name}"] = fit(convolution, x, wide[name], random)
        x = F.relu(convolution(x))
    wide, x = _decoded(decoder, _restyled(wide["conv4_1"].relu())), _restyled(x)
    for name, convolution, new in light.layers(network.decoder):
        x = light.larger(x) if new else x
        left[f"decoder {name}"] = fit(convolution, x, wide[name], random)
        x = F.relu(convolution(x))
    return left


def _restyled(features: Tensor) -> Tensor:
    """The first half of a batch in the styles of the second."""
    contents, styles = features.chunk(2)
    return adain.adain(contents, adain.moments(styles))


def _encoded(vgg: VGG19, pictures: Tensor) -> dict[str, Tensor]:
    """What each convolution puts out."""
    found: dict[str, Tensor] = {}
    x = vgg.colour(pictures)
    for layer in LAYERS[: LAYERS.index(adain.LAYER) + 1]:
        x = light.smaller(x) if layer.endswith("_1") and found else x
        name = layer.replace("relu", "conv")
        found[name] = vgg.get_submodule(name)(x)
        x = F.relu(found[name])
    return found


def _decoded(decoder: Decoder, features: Tensor) -> dict[str, Tensor]:
    """What each convolution puts out."""
    found: dict[str, Tensor] = {}
    hooks = [
        convolution.register_forward_hook(lambda _, __, made, name=name: found.update({name: made}))
        for name, convolution in decoder.named_children()
        if isinstance(convolution, nn.Conv2d)
    ]
    decoder(features)
    for hook in hooks:
        hook.remove()
    return found


def fit(convolution: nn.Module, x: Tensor, wide: Tensor, random: torch.Generator) -> float:
    """Fill a convolution of the thin network by least squares.

    Args:
        convolution: of `vgg.conv3x3`'s kind.
        x: what goes into it, `(B, I, H, W)`.
        wide: what the layer that it stands for puts out, before its ReLU, `(B, O, H, W)`.
        random: chooses the places to look at.

    Returns:
        The share of the variance of the kept channels that it does not make.
    """
    assert isinstance(convolution, nn.Conv2d)
    count, (height, width) = max(1, PLACES // len(x)), x.shape[2:]
    inputs, outputs = [], []
    for one, wanted in zip(F.pad(x, (1, 1, 1, 1), mode="reflect"), wide, strict=True):
        places = torch.randint(height * width, (count,), generator=random).to(x.device)
        inputs.append(F.unfold(one[None], 3)[0, :, places].T.cpu())
        outputs.append(wanted.flatten(1)[:, places].T.cpu())
    given = F.pad(torch.cat(inputs).double(), (0, 1), value=1.0)  # the last is for the bias
    wanted = torch.cat(outputs).double()
    wanted = wanted[:, spanning(wanted.relu(), convolution.out_channels)]
    normal = given.T @ given
    normal += RIDGE * normal.diagonal().mean() * torch.eye(len(normal), dtype=normal.dtype)
    solution = torch.linalg.solve(normal, given.T @ wanted)
    convolution.weight.copy_(solution[:-1].T.unflatten(1, convolution.weight.shape[1:]))
    assert convolution.bias is not None
    convolution.bias.copy_(solution[-1])
    return float((given @ solution - wanted).square().mean() / (wanted - wanted.mean(0)).square().mean())


def spanning(values: Tensor, count: int) -> list[int]:
    """Which columns span the others best: always the one of which most is left (pivoted Cholesky).

    Args:
        values: `(N, C)`, float64.
        count: how many to choose, at most C.

    Returns:
        Indices in order.
    """
    products = values.T @ values
    left, chosen = products.diagonal().clone(), list[int]()
    factor = torch.zeros(len(products), count, dtype=products.dtype)
    for i in range(count):
        pivot = int(left.argmax())
        column = products[:, pivot] - factor[:, :i] @ factor[pivot, :i]
        factor[:, i] = column / left[pivot].clamp_min(1e-12).sqrt()
        chosen.append(pivot)
        left -= factor[:, i].square()
        left[chosen] = -1
    return sorted(chosen)
