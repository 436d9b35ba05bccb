"""A trained DCGAN generator for drawing many pictures on a GPU: half the passes over the maps.

Batch norm becomes part of the convolution in front of it; its bias b and the rectifier remain. As
max(x + b, 0) = max(x, -b) + b, only the maximum is taken, and what the maps then lack, b, goes through the next
convolution once for all pictures. At the border fewer kernels reach a place, so b is a map.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from models.gan import dcgan


class QuickGenerator(nn.Module):
    """Draws what a generator draws.

    Args:
        generator: in evaluation mode; its weights are copied.
    """

    @torch.no_grad()
    def __init__(self, generator: dcgan.Generator) -> None:
        super().__init__()
        self.inputs, self.z_dim = generator.inputs, generator.z_dim
        assert isinstance(generator.layers, nn.Sequential)
        lacking: Tensor | None = None  # what the maps lack, `(1, C, H, W)`
        self.layers = 0
        for layer, norm in pairwise(generator.layers):
            if not isinstance(layer, nn.ConvTranspose2d):
                continue
            if isinstance(norm, nn.BatchNorm2d):
                layer = fuse_conv_bn_eval(layer, norm, transpose=True)
            assert layer.bias is not None
            bias = layer.bias[None, :, None, None]
            if lacking is None:
                lacking = bias.expand(-1, -1, *layer.kernel_size)  # the first layer's kernel is its whole output
            else:
                lacking = bias + _enlarged(lacking, layer.weight)
            self._keep(layer.weight, lacking)

    def _keep(self, weight: Tensor, lacking: Tensor) -> None:
        """A layer's kernel, and what its maps lack; the first layer's kernel as a matrix, channels last."""
        if not self.layers:
            self.side = weight.shape[-1]
            weight = weight.permute(0, 2, 3, 1).flatten(1).contiguous()
        else:
            weight = weight.contiguous(memory_format=torch.channels_last)
        self.register_buffer(f"weight_{self.layers}", weight)
        self.register_buffer(f"lacking_{self.layers}", lacking.contiguous(memory_format=torch.channels_last))
        self.register_buffer(f"floor_{self.layers}", -self.get_buffer(f"lacking_{self.layers}"))
        self.layers += 1

    def forward(self, z: Tensor) -> Tensor:
        """Draw pictures `(B, channels, size, size)` in [-1, 1] from latents `z` `(B, z_dim)`."""
        flat = self.inputs(z).flatten(1) @ self.get_buffer("weight_0")
        maps = flat.unflatten(1, (self.side, self.side, -1)).permute(0, 3, 1, 2)
        for index in range(1, self.layers):
            maps = torch.maximum(maps, self.get_buffer(f"floor_{index - 1}"))
            maps = _enlarged(maps, self.get_buffer(f"weight_{index}"))
        return (maps + self.get_buffer(f"lacking_{self.layers - 1}")).tanh_()


def _enlarged(maps: Tensor, weight: Tensor) -> Tensor:
    return F.conv_transpose2d(maps, weight, stride=dcgan.BLOCK, padding=1)
