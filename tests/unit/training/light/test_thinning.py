"""Initialising a thin network from a wide one."""

import pytest
import torch
from torch.nn import functional as F

from assets.samples import ASSETS
from models.hub import loading
from models.style import adain, light
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.vgg import VGG19, conv3x3
from training.import_pretrained import square
from training.light import thinning


def test_linearly_dependent_columns_are_not_chosen():
    random = torch.Generator().manual_seed(0)
    basis = torch.randn(200, 3, generator=random, dtype=torch.float64)
    values = torch.stack([basis[:, 0], 2 * basis[:, 0], basis[:, 1], basis[:, 0] + basis[:, 1], 3 * basis[:, 2]], 1)
    chosen = thinning.spanning(values, 3)
    assert len(set(chosen)) == 3
    assert torch.linalg.matrix_rank(values[:, chosen]) == 3


def test_a_fit_recovers_the_kernels_of_a_known_convolution():
    random = torch.Generator().manual_seed(0)
    known, fitted = conv3x3(4, 6), conv3x3(4, 6)
    x = torch.randn(2, 4, 40, 40, generator=random)
    with torch.no_grad():
        unexplained = thinning.fit(fitted, x, known(x), random)
        assert unexplained < 1e-6
        assert (fitted(x) - known(x)).abs().max() < 0.01


def test_a_thinned_network_gives_nearly_the_picture_of_the_wide_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(thinning, "POSITIONS", 2_000)  # a twentieth, in a third of the time
    vgg, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    photos = torch.cat([square(ASSETS / f"photos/{name}.jpg", 96) for name in ("astronaut", "coffee", "cat")])
    paintings = torch.cat([square(ASSETS / f"paintings/{name}.jpg", 96) for name in ("irises", "apples", "irises")])
    network = LightStyle()
    unexplained = thinning.thin(network, vgg, decoder, photos, paintings)
    assert len(unexplained) == len(light.ENCODER) + len(light.DECODER)
    assert all(0 <= share < 0.6 for share in unexplained.values())
    with torch.inference_mode():
        wide = adain.restyle(vgg, decoder, photos, adain.style_moments(vgg, paintings))
        thin = network.decode(adain.adain(network.encode(photos), adain.moments(network.encode(paintings))))
    assert F.mse_loss(thin, wide) < 0.5 * F.mse_loss(photos, wide)
