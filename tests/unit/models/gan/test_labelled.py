"""The last numbers of z choose the label, and can blend labels."""

import pytest
import torch

from models.gan import labelled
from models.gan.latent import sample_z

LABELS = "amber, blue, green"


@pytest.fixture
def generator() -> labelled.Generator:
    torch.manual_seed(0)
    network = labelled.Generator(labels=LABELS, z_dim=8, width=4, size=16)
    for _ in range(20):  # until batch normalisation's statistics fit the weights
        network(torch.randn(32, 8))
    return network.eval().requires_grad_(False)


def test_the_first_layer_gets_the_noise_and_shares_that_sum_to_one(generator: labelled.Generator):
    z = sample_z(0, 200, 8)

    inputs = generator.inputs(z).flatten(1)

    assert torch.equal(inputs[:, :5], z[:, :5])
    torch.testing.assert_close(inputs[:, 5:].sum(dim=1), torch.ones(200))
    assert torch.equal(inputs[:, 5:].argmax(dim=1), z[:, 5:].argmax(dim=1))
    assert inputs[:, 5:].amax(dim=1).median() > 0.99  # a random z has one label, not a mixture


def test_a_blend_is_what_was_asked_for(generator: labelled.Generator):
    z = sample_z(0, 4, 8)

    blend = labelled.blended(z, [0, 3, 1])

    shares = generator.inputs(blend).flatten(1)[:, 5:]
    torch.testing.assert_close(shares, torch.tensor([[0.0, 0.75, 0.25]]).expand(4, 3), rtol=0, atol=0.002)
    assert torch.equal(blend[:, :5], z[:, :5])
    assert torch.equal(z, sample_z(0, 4, 8))


def test_pictures_change_with_the_label(generator: labelled.Generator):
    z = sample_z(0, 4, 8)
    amber, green = (generator(labelled.blended(z, shares)) for shares in ([1, 0, 0], [0, 0, 1]))

    assert amber.shape == (4, 3, 16, 16)
    assert (amber - green).abs().max() > 1e-4


def test_numbers_that_choose_the_label_have_no_strength_of_their_own(generator: labelled.Generator):
    strength = generator.z_weight.norm(dim=1)

    assert strength.shape == (8,)
    assert (strength[:5] > 0).all()
    assert not strength[5:].any()


@pytest.mark.parametrize("shares", [[0, 0, 0], [-1, 1, 1], [float("nan"), 1, 1], [float("inf"), 1, 1]])
def test_shares_that_are_none_are_refused(shares: list[float]):
    with pytest.raises(ValueError, match="shares of the labels"):
        labelled.blended(sample_z(0, 1, 8), shares)


def test_more_labels_than_numbers_are_refused():
    with pytest.raises(ValueError, match="must exceed the number of labels, 3, got 3"):
        labelled.Generator(labels=LABELS, z_dim=3)
