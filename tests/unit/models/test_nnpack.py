"""NNPACK's convolution has the output and the gradient of the plain one."""

import pytest
import torch
from torch.nn import functional as F

from assets.samples import ASSETS
from models import nnpack
from models.hub import loading
from models.style import adain
from models.style.vgg import conv3x3
from training.import_pretrained import square


@pytest.fixture(autouse=True)
def always_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nnpack, "THRESHOLDS", ((1, 1),))


def picture(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("size", [(2, 2), (8, 8), (5, 7), (2, 31), (13, 3), (40, 33)])
def test_it_equals_the_plain_convolution_forwards_and_backwards(size: tuple[int, int], batch: int):
    plain, x = conv3x3(8, 6).requires_grad_(False), picture(batch, 8, *size).requires_grad_()
    quick, weights = nnpack.Convolution(plain), picture(batch, 6, *size)
    actual, expected = quick(x), plain(x)
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4)
    ways = [torch.autograd.grad((made * weights).sum(), x)[0] for made in (actual, expected)]
    torch.testing.assert_close(*ways, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_pictures_in_channels_last_format_are_accepted():
    plain, x = conv3x3(8, 6), picture(2, 8, 9, 9).to(memory_format=torch.channels_last)
    torch.testing.assert_close(nnpack.Convolution(plain)(x), plain(x), rtol=1e-4, atol=1e-4)


def test_a_small_picture_uses_the_plain_convolution(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nnpack, "THRESHOLDS", ((1, 82),))
    plain, x = conv3x3(8, 6).requires_grad_(False), picture(1, 8, 9, 9)
    padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
    assert torch.equal(nnpack.Convolution(plain)(x), F.conv2d(padded, plain.weight, plain.bias))


@torch.no_grad()
def test_a_network_with_nnpack_gives_the_same_picture():
    photo, painting = (square(ASSETS / path, 120) for path in ("photos/coffee.jpg", "paintings/irises.jpg"))
    painted = []
    for quick in (False, True):
        encoder, decoder = loading.load("vgg19", source="bundled"), loading.load("adain-decoder", source="bundled")
        if quick:
            nnpack.quicken(encoder)
            nnpack.quicken(decoder)
            assert isinstance(encoder.conv4_1, nnpack.Convolution)
        painted.append(adain.restyle(encoder, decoder, photo, adain.style_moments(encoder, painting)))
    apart = (painted[0] - painted[1]).abs().max()
    assert apart < 0.1 / 255
    assert (apart > 0) == nnpack.available(), "without NNPACK nothing changes, with it the last bits do"
