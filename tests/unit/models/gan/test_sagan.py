"""SAGAN starts without attention, looks everywhere, and is saved without the norm it was trained under."""

import pytest
import torch

from models.gan import sagan
from models.gan.sagan import Discriminator, Generator, SelfAttention
from models.gan.training import spectral


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("size", [16, 32, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_latents_become_pictures_and_pictures_become_scores(size: int, channels: int):
    pictures = Generator(z_dim=5, width=8, channels=channels, size=size)(drawn(3, 5))
    assert pictures.shape == (3, channels, size, size)
    assert float(pictures.detach().abs().max()) <= 1
    assert Discriminator(width=8, channels=channels, size=size)(pictures).shape == (3,)


def test_a_new_network_does_not_attend():
    attention, x = SelfAttention(16), drawn(2, 16, 8, 8)
    assert torch.equal(attention(x), x)
    attention.gamma.data.fill_(1.0)
    assert not torch.equal(attention(x), x)


def test_every_place_spreads_its_attention_over_the_whole_picture():
    generator = Generator(z_dim=5, width=8, size=32).eval()
    maps = generator.attended(drawn(2, 5)).detach()
    assert maps.shape == (2, 16, 16, 8, 8)
    torch.testing.assert_close(maps.sum(dim=(3, 4)), torch.ones(2, 16, 16))
    assert maps.min() >= 0


def test_attention_carries_what_is_far_away():
    """A change in one corner reaches the opposite corner, which no 3 × 3 convolution could do in one layer."""
    attention, x = SelfAttention(8), drawn(1, 8, 16, 16)
    attention.gamma.data.fill_(1.0)
    moved = x.clone()
    moved[..., :2, :2] += 5
    assert (attention(moved) - attention(x))[..., -1, -1].abs().max() > 1e-4


@pytest.mark.parametrize("network", [Generator, Discriminator])
@pytest.mark.parametrize(
    ("wrong", "reason"),
    [({"size": 8}, "at least 16, got 8"), ({"size": 24}, "power of two"), ({"width": 4}, "width must be at least 8")],
)
def test_what_cannot_be_built_is_refused(network: type, wrong: dict[str, int], reason: str):
    with pytest.raises(ValueError, match=reason):
        network(**wrong)


@pytest.mark.parametrize(
    "network", [Generator(z_dim=5, width=8), Discriminator(width=8)], ids=["generator", "discriminator"]
)
def test_folded_weights_draw_the_same_without_the_norm(network: torch.nn.Module):
    plain_keys = network.state_dict().keys()
    spectral.normalise(network)
    x = drawn(4, 5) if isinstance(network, sagan.Generator) else drawn(4, 3, 32, 32)
    for _ in range(20):
        network(x)
    state = spectral.folded(network)
    assert state.keys() == plain_keys
    plain = type(network)(**{key: value for key, value in network.config.items() if key != "architecture"}).eval()
    plain.load_state_dict(state)
    torch.testing.assert_close(plain(x), network.eval()(x))


def test_a_normalised_layer_stretches_nothing():
    network = Generator(z_dim=5, width=8)
    for parameter in network.parameters():
        parameter.data.mul_(7)
    spectral.normalise(network)
    for _ in range(200):
        network(drawn(4, 5))
    for name, weight in spectral.folded(network).items():
        if name.endswith("weight") and weight.ndim > 1:
            assert torch.linalg.matrix_norm(weight.flatten(1), 2).item() == pytest.approx(1, abs=0.02), name


def test_reading_the_weights_does_not_move_the_training():
    network = Discriminator(width=8)
    spectral.normalise(network)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    spectral.folded(network)
    assert network.training
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def test_z_weight_says_what_a_unit_of_z_adds():
    generator = Generator(z_dim=5, width=8).eval().requires_grad_(False)
    unit = torch.eye(5)[2:3]
    moved = generator.first(unit) - generator.first(torch.zeros(1, 5))
    torch.testing.assert_close(moved[0], generator.z_weight[2])
