"""Inversion finds the latent vector of what a generator drew, and says how far it is."""

import pytest
import torch
from torch import Tensor, nn

from models.gan import dcgan, inversion, latent

Z_DIM, STEPS = 8, 60


def network() -> dcgan.Generator:
    """A small generator of pictures that differ: random weights wide enough to use all of [-1, 1]."""
    torch.manual_seed(0)
    generator = dcgan.Generator(z_dim=Z_DIM, width=4, size=16).eval().requires_grad_(False)
    for layer in generator.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            layer.weight.mul_(8)
    return generator


def target(generator: dcgan.Generator) -> Tensor:
    with torch.inference_mode():
        return generator(latent.sample_z(99, 1, Z_DIM))[0].clone()


def test_it_comes_near_to_what_the_generator_drew_and_never_further_away():
    generator = network()
    estimates = list(inversion.invert(generator, target(generator), z_dim=Z_DIM, steps=STEPS))
    errors = [estimate.error for estimate in estimates]
    assert [estimate.step for estimate in estimates] == list(range(STEPS + 1))
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 3


def test_the_picture_and_the_error_are_those_of_z():
    generator = network()
    wanted = target(generator)
    *_, last = inversion.invert(generator, wanted, z_dim=Z_DIM, steps=5)
    drawn = generator(last.z[None])[0]
    assert torch.allclose(drawn, last.picture, atol=1e-5)
    assert last.error == pytest.approx(torch.nn.functional.mse_loss(drawn, wanted).sqrt().item(), abs=1e-5)


def test_the_same_seed_searches_alike():
    generator = network()
    first, second = (list(inversion.invert(generator, target(generator), z_dim=Z_DIM, steps=3))[-1].z for _ in range(2))
    assert torch.equal(first, second)
