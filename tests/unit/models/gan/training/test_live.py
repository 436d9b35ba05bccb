"""Training to look at: one pass for both networks, single steps, and what is seen of them."""

from contextlib import nullcontext

import pytest
import torch
from pydantic import ValidationError
from torch.nn.functional import softplus

from models.gan.training import averaging, live

CPU = torch.device("cpu")


def pictures() -> torch.Tensor:
    return torch.randint(0, 256, (48, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


@pytest.mark.parametrize("pack", [1, 4])
def test_one_pass_gives_the_generator_the_gradient_of_its_own_loss(pack: int, monkeypatch: pytest.MonkeyPatch):
    run = live.LiveRun(live.recipe(pack=pack), pictures(), device=CPU)
    monkeypatch.setattr(run, "_autocast", nullcontext)  # in half precision the two differ by its rounding
    state = run.random.get_state()
    generated = run._draw()
    loss = softplus(-run._verdicts(generated)).mean()
    expected = torch.cat([g.flatten() for g in torch.autograd.grad(loss, list(run.generator.parameters()))])
    run.random.set_state(state)

    run.advance()

    actual = torch.cat([p.grad.flatten() for p in run.generator.parameters() if p.grad is not None])
    assert run.shares_a_pass
    torch.testing.assert_close(actual, expected, rtol=1e-3, atol=1e-7)


def test_a_verdict_beyond_all_doubt_leaves_the_gradients_finite():
    run = live.LiveRun(live.recipe(), pictures(), device=CPU)
    last = run.discriminator.layers[-1]  # type: ignore[index]
    with torch.no_grad():
        last.bias.fill_(-200.0)

    run.advance()

    assert all(torch.isfinite(parameter).all() for parameter in run.generator.parameters())


@pytest.mark.parametrize("game", ["relativistic", "wasserstein", "hinge", "least-squares"])
def test_the_other_games_train_both_networks(game: str):
    run = live.LiveRun(live.recipe(game=game, d_steps=2, g_steps=2, noise=0.2), pictures(), device=CPU)
    before = weights(run.generator), weights(run.discriminator)

    step = run.advance()

    assert not run.shares_a_pass
    assert step.figures.keys() == {"d_loss", "g_loss", "d_real", "d_fake"}
    assert not torch.equal(before[0], weights(run.generator))
    assert not torch.equal(before[1], weights(run.discriminator))


def test_a_step_of_one_network_leaves_the_other_alone():
    run = live.LiveRun(live.recipe(), pictures(), device=CPU)
    generator, discriminator = weights(run.generator), weights(run.discriminator)

    step = run.discriminator_step()

    assert step.figures.keys() == {"d_loss", "d_real", "d_fake"}
    assert torch.equal(generator, weights(run.generator))
    assert not torch.equal(discriminator, weights(run.discriminator))
    discriminator = weights(run.discriminator)

    step = run.generator_step()

    assert step.step == 2
    assert step.figures.keys() == {"g_loss", "d_real", "d_fake"}
    assert not torch.equal(generator, weights(run.generator))
    assert torch.equal(discriminator, weights(run.discriminator))


def test_the_average_follows_as_in_any_other_training():
    run = live.LiveRun(live.recipe(), pictures(), device=CPU)
    expected = averaging.still(run.generator)

    for step in (1, 2):
        run.advance()
        averaging.follow(expected, run.generator, step=step, decay=run.settings.ema)

    for name, tensor in expected.state_dict().items():
        torch.testing.assert_close(run.average.state_dict()[name], tensor)


def test_a_seed_gives_the_same_training():
    first, second = (live.LiveRun(live.recipe(seed=7), pictures(), device=CPU) for _ in range(2))
    for run in (first, second):
        for _ in range(2):
            run.advance()

    assert torch.equal(weights(first.average), weights(second.average))


def test_a_recipe_that_makes_no_sense_is_refused():
    with pytest.raises(ValidationError, match="multiple of pack"):
        live.recipe(pack=3)


def test_verdicts_are_counted_in_tenths():
    assert live.histogram(torch.tensor([0.0, 0.05, 0.5, 0.99, 1.0])) == (2, 0, 0, 0, 0, 1, 0, 0, 0, 2)
    assert live.histogram(torch.empty(0)) == (0,) * live.BINS


def test_the_closest_picture_is_the_picture_itself():
    known = pictures().float() / 127.5 - 1

    assert live.closest(known[[5, 2]], live.blurred(known)) == [5, 2]


def test_variations_are_of_their_drawing_and_none_is_quite_alike():
    drawings = torch.zeros(2, 1, 32, 32, dtype=torch.uint8)
    drawings[0, 0, 10:22, 14:18] = 255
    drawings[1, 0, 14:18, 10:22] = 255

    varied = live.varied(drawings, 10, random=torch.Generator().manual_seed(0))

    rows = live.blurred(drawings.float())
    assert varied.shape == (10, 1, 32, 32)
    assert live.closest(varied.float(), rows) == [0, 1] * 5
    assert len({bytes(picture.numpy().tobytes()) for picture in varied}) == 10
