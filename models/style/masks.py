"""Masks: where a style applies. Each becomes `(1, 1, H, W)` in [0, 1] at the size of the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

EMPTY = 1e-3  # of the picture; a mask that covers less is taken for a mistake
DRAWN = 8  # of 255: what an eraser with soft borders leaves behind is no drawing


class MaskError(ValueError):
    """A mask that cannot be used; the message says why and what to do."""


def from_picture(mask: Image.Image) -> Tensor:
    """Read a mask: what is opaque where parts are transparent, else how light each pixel is.

    Args:
        mask: of any mode, white for inside; if parts are transparent, opacity counts and colour does not.

    Returns:
        float32 `(1, 1, H, W)` in [0, 1].

    Raises:
        MaskError: nothing is drawn.
    """
    levels = torch.from_numpy(np.array(mask.convert("L")))
    if mask.has_transparency_data:
        opacity = torch.from_numpy(np.array(mask.convert("RGBA").getchannel("A")))
        if int(opacity.min()) < 255:
            levels = opacity
    if int(levels.max()) <= DRAWN:
        raise MaskError("The mask is empty. Draw over the part that should change, or choose no mask.")
    return levels[None, None].float() / 255


def sized(mask: Tensor, size: tuple[int, int]) -> Tensor:
    """Stretch a mask `(1, 1, h, w)` over a picture of `size` (H, W), whatever its own size.

    Raises:
        MaskError: its sides are in another proportion by more than a twentieth: it belongs to another picture.
    """
    height, width = mask.shape[-2:]
    drift = (width / height) / (size[1] / size[0])
    if abs(drift - 1) > 0.05 and abs(width * size[0] / height - size[1]) > 1:  # rounding shows in thin strips
        raise MaskError(
            f"The mask has {width} × {height} pixels, the picture {size[1]} × {size[0]}: their proportions differ. "
            "Draw the mask on this picture."
        )
    if (height, width) == tuple(size):
        return mask
    return F.interpolate(mask, size, mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)


def feathered(mask: Tensor, pixels: float) -> Tensor:
    """Soften a mask's border: a Gaussian blur whose standard deviation is half of `pixels`; 0 leaves it as it is."""
    if pixels <= 0:
        return mask
    reach = min(max(1, round(1.5 * pixels)), *(side - 1 for side in mask.shape[-2:]))
    along = torch.arange(-reach, reach + 1, dtype=mask.dtype, device=mask.device)
    weights = torch.exp(-2 * (along / pixels) ** 2)
    weights = weights / weights.sum()
    padded = F.pad(mask, (reach, reach, reach, reach), mode="replicate")
    blurred = F.conv2d(padded, weights.view(1, 1, -1, 1))
    return F.conv2d(blurred, weights.view(1, 1, 1, -1)).clamp(0, 1)


def check(mask: Tensor) -> Tensor:
    """Return a mask that covers something.

    Raises:
        MaskError: it covers less than a thousandth of the picture.
    """
    if float(mask.mean()) < EMPTY:
        raise MaskError("The mask covers nothing of the picture. Draw it larger, or choose no mask.")
    return mask


def shares(masks: Sequence[Tensor]) -> list[Tensor]:
    """Let masks `(1, 1, H, W)` share each pixel: where they add up to more than 1, in proportion.

    Returns:
        As many masks, whose sum is at most 1; what is missing to 1 belongs to no style.
    """
    total = torch.stack([*masks]).sum(0).clamp(min=1)
    return [mask / total for mask in masks]


def blend(inside: Tensor, outside: Tensor, mask: Tensor) -> Tensor:
    """Lay one picture over another `(B, 3, H, W)` where the mask `(1, 1, H, W)` is 1."""
    return torch.lerp(outside, inside, sized(mask, (outside.shape[-2], outside.shape[-1])).to(outside))
