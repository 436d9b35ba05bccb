"""Each alteration does what its name says, to each picture by itself, and lets gradients through."""

import pytest
import torch

from models.gan.training.augment import augmented
from models.gan.training.draws import Draws


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draws(seed: int = 0) -> Draws:
    return Draws(random(seed), torch.device("cpu"))


def pictures(count: int = 64) -> torch.Tensor:
    return 2 * torch.rand(count, 3, 16, 16, generator=random(7)) - 1


@pytest.mark.parametrize("alteration", ["colour", "translation", "cutout"])
def test_a_seed_gives_the_same_alteration_and_every_picture_its_own(alteration: str):
    same = pictures(1).repeat(64, 1, 1, 1)
    altered = augmented(same, [alteration], draws())
    assert torch.equal(altered, augmented(same, [alteration], draws()))
    assert len(altered.flatten(1).unique(dim=0)) > 10


def test_nothing_to_alter_leaves_the_pictures_and_the_random_numbers():
    x, stream = pictures(), random()
    assert augmented(x, [], Draws(stream, x.device)) is x
    assert torch.equal(stream.get_state(), random().get_state())


def test_cutout_takes_a_square_of_half_the_side_or_what_of_it_is_inside():
    hole = augmented(torch.ones(200, 1, 16, 16), ["cutout"], draws()) == 0
    assert hole.sum(dim=(1, 2, 3)).max() == 64
    assert hole.sum(dim=(1, 2, 3)).min() >= 16
    rows, columns = hole.any(dim=3).sum(dim=(1, 2)), hole.any(dim=2).sum(dim=(1, 2))
    assert torch.equal(rows * columns, hole.sum(dim=(1, 2, 3)))


def test_translation_moves_by_up_to_an_eighth_and_fills_with_grey():
    dot = torch.zeros(300, 1, 16, 16)
    dot[..., 8, 8] = 1
    moved = augmented(dot, ["translation"], draws()).nonzero()[:, 2:] - 8
    assert len(moved) == 300
    assert (moved.min(), moved.max()) == (-2, 2)
    assert len(moved.unique(dim=0)) == 25


def test_colour_keeps_the_shapes():
    """A grey picture stays grey: its pixels are a linear map of what they were."""
    grey = pictures()[:, :1].repeat(1, 3, 1, 1)
    altered = augmented(grey, ["colour"], draws())
    assert (altered - altered[:, :1]).abs().max() < 1e-5
    for before, after in zip(grey[:, 0], altered[:, 0], strict=True):
        assert torch.corrcoef(torch.stack([before.flatten(), after.flatten()]))[0, 1] > 0.9999
        assert 0.49 < (after.std() / before.std()).item() < 1.51


@pytest.mark.parametrize("alteration", ["colour", "translation", "cutout"])
def test_gradients_flow_through(alteration: str):
    x = pictures().requires_grad_()
    augmented(x, [alteration], draws()).sum().backward()
    assert x.grad is not None
    assert x.grad.abs().sum() > 0
