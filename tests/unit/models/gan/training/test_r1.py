"""R1 the short way gives the gradients that autograd gives."""

import pytest
import torch

from models.gan.dcgan import Discriminator
from models.gan.training import r1
from models.gan.training.losses import GAMES, squared_slope

WEIGHT = 0.7


def discriminator() -> Discriminator:
    torch.manual_seed(3)
    built = Discriminator(width=4, size=16, batch_norm=False)
    for parameter in built.parameters():  # biases that are not zero, and slopes worth a penalty
        torch.nn.init.normal_(parameter, 0.0, 0.3)
    return built


def gradients(network: torch.nn.Module) -> list[torch.Tensor]:
    slopes = [parameter.grad for parameter in network.parameters()]
    assert all(gradient is not None for gradient in slopes)
    return [gradient for gradient in slopes if gradient is not None]


@pytest.mark.parametrize("game", GAMES)
def test_the_gradients_are_autograds(game: str):
    real, fake = torch.randn(2, 6, 1, 16, 16, generator=torch.Generator().manual_seed(4))
    targets, loss = torch.full((6,), 0.9), GAMES[game].discriminator
    plain, joined = discriminator(), discriminator()

    tracked = real.clone().requires_grad_()
    verdicts = plain(tracked)
    penalty = squared_slope(verdicts, tracked)
    (loss(verdicts, plain(fake), targets) + WEIGHT / 2 * penalty).backward()

    passed = r1.forward(joined, real)
    loss(passed.verdicts, joined(fake), targets).backward()
    passed.add_gradients(WEIGHT)

    torch.testing.assert_close(passed.verdicts, verdicts)
    torch.testing.assert_close(passed.penalty(), penalty)
    assert all(gradient.any() for gradient in gradients(plain)[::2])  # of the weights
    for ours, theirs in zip(gradients(joined), gradients(plain), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_half_precision_costs_no_more_than_autograd_s():
    """The mixture is small beside the biases: added to them in half precision, little would be left of it."""
    real, fake = torch.randn(2, 64, 1, 16, 16, generator=torch.Generator().manual_seed(4))
    loss = GAMES["non-saturating"].discriminator

    def penalised_gradients(*, half: bool, joined: bool) -> list[torch.Tensor]:
        network, tracked = discriminator(), real.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            passed = r1.forward(network, real) if joined else None
            verdicts = passed.verdicts if passed else network(tracked).float()
            others = network(fake).float()
        penalty = 0.0 if passed else WEIGHT / 2 * squared_slope(verdicts, tracked)
        (loss(verdicts, others, torch.ones(64)) + penalty).backward()
        if passed:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                passed.add_gradients(WEIGHT)
        return gradients(network)

    exact = penalised_gradients(half=False, joined=False)
    for ours, theirs, expected in zip(
        penalised_gradients(half=True, joined=True), penalised_gradients(half=True, joined=False), exact, strict=True
    ):
        assert (ours - expected).norm() <= 2 * (theirs - expected).norm() + 0.01 * expected.norm()


def test_a_network_that_bends_between_its_kinks_is_told_apart():
    assert r1.is_piecewise_linear(discriminator())
    assert not r1.is_piecewise_linear(Discriminator(width=4, size=16, batch_norm=True))
    assert not r1.is_piecewise_linear(torch.nn.Identity())
