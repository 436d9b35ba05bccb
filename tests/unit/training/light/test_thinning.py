"""Cutting a thin network out of a wide one."""

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


def test_columns_that_others_make_are_not_chosen():
    random = torch.Generator().manual_seed(0)
    basis = torch.randn(200, 3, generator=random, dtype=torch.float64)
    values = torch.stack([basis[:, 0], 2 * basis[:, 0], basis[:, 1], basis[:, 0] + basis[:, 1], 3 * basis[:, 2]], 1)
    chosen = thinning.spanning(values, 3)
    assert len(set(chosen)) == 3
    assert torch.linalg.matrix_rank(values[:, chosen]) == 3


def test_a_fit_finds_the_kernels_that_made_what_is_wanted():
    random = torch.Generator().manual_seed(0)
    known, found = conv3x3(4, 6), conv3x3(4, 6)
    x = torch.randn(2, 4, 40, 40, generator=random)
    with torch.no_grad():
        missed = thinning.fit(found, x, known(x), random)
        assert missed < 1e-6
        assert (found(x) - known(x)).abs().max() < 0.01


def test_a_thinned_network_paints_what_the_wide_one_does():
    vgg, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    photos = torch.cat([square(ASSETS / f"photos/{name}.jpg", 96) for name in ("astronaut", "coffee", "cat")])
    paintings = torch.cat([square(ASSETS / f"paintings/{name}.jpg", 96) for name in ("irises", "apples", "irises")])
    network = LightStyle()
    missed = thinning.thin(network, vgg, decoder, photos, paintings)
    assert len(missed) == len(light.ENCODER) + len(light.DECODER)
    assert all(0 <= share < 0.6 for share in missed.values())
    with torch.inference_mode():
        wide = adain.restyle(vgg, decoder, photos, adain.style_moments(vgg, paintings))
        thin = network.decode(adain.adain(network.encode(photos), adain.moments(network.encode(paintings))))
    assert F.mse_loss(thin, wide) < 0.5 * F.mse_loss(photos, wide)
