"""Pictures as tensors and back, without loss."""

import torch

from models import tensors


def test_every_uint8_level_survives_the_way_to_minus_one_to_one_and_back():
    levels = torch.arange(256, dtype=torch.uint8)
    pixels = tensors.from_uint8(levels)
    assert (pixels.dtype, pixels[0].item(), pixels[-1].item()) == (torch.float32, -1.0, 1.0)
    assert torch.equal(tensors.to_uint8(pixels), levels)


def test_the_levels_stay_as_they_are():
    levels = torch.full((1, 3, 2, 2), 200, dtype=torch.uint8)
    tensors.from_uint8(levels)
    assert (levels == 200).all()


def test_pixels_outside_the_range_become_black_and_white():
    assert tensors.to_uint8(torch.tensor([-3.0, 0.0, 3.0])).tolist() == [0, 128, 255]
