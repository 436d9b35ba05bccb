"""The games' losses and penalties against what their papers say of simple cases."""

import math

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from models.gan.training.losses import GAMES, slope_from_one, squared_slope

REAL, FAKE = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([-2.0, 0.3, 1.0])


@pytest.mark.parametrize("target", [1.0, 0.9, 0.7])
def test_the_non_saturating_loss_is_torchs_cross_entropy(target: float):
    targets = torch.full((3,), target)
    expected = binary_cross_entropy_with_logits(REAL, targets) + binary_cross_entropy_with_logits(FAKE, torch.zeros(3))
    game = GAMES["non-saturating"]
    torch.testing.assert_close(game.discriminator(REAL, FAKE, targets), expected)
    torch.testing.assert_close(game.generator(REAL, FAKE), binary_cross_entropy_with_logits(FAKE, torch.ones(3)))


def test_a_relativistic_discriminator_only_sees_differences():
    game, ones = GAMES["relativistic"], torch.ones(3)
    shifted = game.discriminator(REAL + 7, FAKE + 7, ones)
    torch.testing.assert_close(shifted, game.discriminator(REAL, FAKE, ones))
    assert game.discriminator(REAL, REAL, ones).item() == pytest.approx(math.log(2))
    torch.testing.assert_close(game.generator(REAL, FAKE), game.discriminator(FAKE, REAL, ones))


def test_a_critic_rates_by_the_difference_of_means():
    game = GAMES["wasserstein"]
    assert game.discriminator(REAL, FAKE, torch.ones(3)).item() == pytest.approx((FAKE.mean() - REAL.mean()).item())
    assert game.generator(REAL, FAKE).item() == pytest.approx(-FAKE.mean().item())


def test_a_hinge_asks_for_no_more_than_one():
    game, ones = GAMES["hinge"], torch.ones(3)
    assert game.discriminator(torch.tensor([1.0, 5.0, 9.0]), torch.tensor([-1.0, -3.0, -9.0]), ones) == 0
    assert game.discriminator(torch.tensor([0.0]), torch.tensor([0.5]), ones[:1]).item() == pytest.approx(1 + 1.5)
    assert game.generator(REAL, FAKE).item() == pytest.approx(-FAKE.mean().item())


def test_least_squares_fit_one_and_zero():
    game = GAMES["least-squares"]
    assert game.discriminator(torch.ones(2, 1, 4, 4), torch.zeros(2, 1, 4, 4), torch.ones(2, 1, 4, 4)) == 0
    assert game.discriminator(torch.tensor([3.0]), torch.tensor([2.0]), torch.ones(1)) == 4 + 4
    assert game.generator(REAL, torch.tensor([3.0, 1.0])) == 2


def linear(weight: torch.Tensor):
    return lambda pictures: (pictures * weight).sum(dim=(1, 2, 3))


def test_the_slope_of_a_linear_critic_is_its_weight():
    weight = torch.randn(1, 4, 4, generator=torch.Generator().manual_seed(0))
    pictures = torch.zeros(5, 1, 4, 4, requires_grad=True)
    penalty = squared_slope(linear(weight)(pictures), pictures)
    assert penalty.item() == pytest.approx(weight.square().sum().item(), rel=1e-6)


@pytest.mark.parametrize(("length", "expected"), [(1.0, 0.0), (3.0, 4.0), (0.0, 1.0)])
def test_wgan_gp_wants_a_slope_of_one(length: float, expected: float):
    weight = torch.full((1, 4, 4), length / 4)  # 16 numbers: norm = length
    real, fake = torch.ones(2, 1, 4, 4), torch.zeros(2, 1, 4, 4)
    penalty = slope_from_one(linear(weight), real, fake, torch.tensor([0.2, 0.9]))
    assert penalty.item() == pytest.approx(expected, abs=1e-5)


def test_wgan_gp_looks_between_the_two_pictures():
    inputs = []

    def critic(pictures: torch.Tensor) -> torch.Tensor:
        inputs.append(pictures.detach())
        return pictures.sum(dim=(1, 2, 3))

    slope_from_one(critic, torch.ones(2, 1, 2, 2), -torch.ones(2, 1, 2, 2), torch.tensor([0.0, 0.75]))
    assert inputs[0].flatten(1).unique(dim=1).flatten().tolist() == [-1.0, 0.5]
