"""Pictures as tensors and back: PIL and [0, 1] for style transfer, uint8 and [-1, 1] for generators and classifiers."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def to_tensor(picture: Image.Image) -> Tensor:
    """Turn an RGB picture into float32 `(1, 3, H, W)` in [0, 1]."""
    levels = torch.from_numpy(np.array(picture))  # (H, W, 3) in 0 … 255
    return levels.permute(2, 0, 1)[None].float() / 255


def to_picture(pixels: Tensor) -> Image.Image:
    """Turn `(1, 3, H, W)` into an RGB picture; values outside [0, 1] are clamped."""
    levels = (pixels[0].float().clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().contiguous().numpy())


def from_uint8(levels: Tensor) -> Tensor:
    """Turn uint8 levels 0 … 255 of any shape into float32 in [-1, 1]."""
    return levels.div(127.5).sub_(1.0)  # converted as it is divided: one pass


def to_uint8(pixels: Tensor) -> Tensor:
    """Turn values in [-1, 1] of any shape into uint8 levels 0 … 255; values outside are clamped."""
    return (127.5 * pixels + 127.5).round().clamp(0, 255).to(torch.uint8)


def as_pictures(pixels: Tensor) -> list[Image.Image]:
    """Turn a generator's pictures `(N, C, H, W)` in [-1, 1], on any device, into ones to look at.

    One channel becomes mode L, dark on white, for the data sets store their digits white on black.
    """
    if pixels.shape[1] == 1:
        pixels = -pixels
    levels = to_uint8(pixels).permute(0, 2, 3, 1)  # (N, H, W, C)
    return [Image.fromarray(level.squeeze(-1).numpy()) for level in levels.cpu()]


def from_picture(picture: Image.Image) -> Tensor:
    """Turn a picture of mode L or RGB into `(C, H, W)` in [-1, 1] as a generator draws it; undoes `as_pictures`."""
    levels = torch.from_numpy(np.array(picture))  # (H, W) or (H, W, 3)
    pixels = from_uint8(levels if levels.ndim == 3 else levels[..., None]).permute(2, 0, 1)
    return -pixels if picture.mode == "L" else pixels
