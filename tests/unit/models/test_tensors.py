"""Pictures as tensors and back, without loss."""

import torch

from models import tensors


def test_every_level_is_the_same_after_minus_one_to_one_and_back():
    levels = torch.arange(256, dtype=torch.uint8)
    pixels = tensors.from_levels(levels)
    assert (pixels.dtype, pixels[0].item(), pixels[-1].item()) == (torch.float32, -1.0, 1.0)
    assert torch.equal(tensors.to_levels(pixels), levels)


def test_the_levels_stay_as_they_are():
    levels = torch.full((1, 3, 2, 2), 200, dtype=torch.uint8)
    tensors.from_levels(levels)
    assert (levels == 200).all()
