"""Winograd's convolution gives what the plain one gives, with fewer multiplications."""

import pytest
import torch
from torch.nn import functional as F

from models import adain, hub, winograd
from models.vgg import conv3x3
from models.winograd import Winograd
from training.import_pictures import ASSETS
from training.import_pretrained import square


def picture(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (2, 9), (13, 2), (40, 3), (33, 530)])
@torch.no_grad()
def test_it_equals_the_plain_convolution(size: tuple[int, int]):
    plain, x = conv3x3(6, 5), picture(2, 6, *size)
    torch.testing.assert_close(Winograd(plain)(x), plain(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size", [(8, 8), (5, 7), (1, 9), (2, 2)])
@torch.no_grad()
def test_doubling_first_equals_the_plain_convolution_of_the_doubled_picture(size: tuple[int, int]):
    plain, x = conv3x3(4, 3), picture(1, 4, *size)
    doubled = F.interpolate(x, scale_factor=2, mode="nearest")
    torch.testing.assert_close(Winograd(plain, doubles=True)(x), plain(doubled), rtol=1e-4, atol=1e-4)


def test_a_doubled_tile_needs_25_products_instead_of_144():
    assert len(Winograd(conv3x3(2, 2), doubles=True).kernel) == 25
    assert len(Winograd(conv3x3(2, 2)).kernel) == 36


@torch.no_grad()
def test_a_quickened_network_paints_the_same_picture():
    photo, painting = (square(ASSETS / path, 120) for path in ("photos/coffee.jpg", "paintings/irises.jpg"))
    painted = []
    for quick in (False, True):
        encoder, decoder = hub.load("vgg19", source="bundled"), hub.load("adain-decoder", source="bundled")
        if quick:
            winograd.quicken(encoder)
            decoder.quicken()
            assert isinstance(encoder.conv4_1, Winograd)
        painted.append(adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, painting)))
    assert 0 < (painted[0] - painted[1]).abs().max() < 0.1 / 255
