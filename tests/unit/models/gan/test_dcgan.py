"""Generator and discriminator double and halve the same sizes."""

import pytest
import torch

from models.gan.dcgan import Discriminator, Generator


@pytest.mark.parametrize("size", [8, 16, 32, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_latents_become_pictures_and_pictures_become_scores(size: int, channels: int):
    generator = Generator(z_dim=5, width=2, channels=channels, size=size)
    pictures = generator(torch.randn(3, 5, generator=torch.Generator().manual_seed(0)))
    assert pictures.shape == (3, channels, size, size)
    assert float(pictures.detach().abs().max()) <= 1
    assert Discriminator(width=2, channels=channels, size=size)(pictures).shape == (3,)


def test_channels_halve_as_the_picture_doubles():
    convolutions = [m for m in Generator(z_dim=64, width=32, size=32).layers if hasattr(m, "out_channels")]
    assert [m.out_channels for m in convolutions] == [128, 64, 32, 1]


def test_weights_start_as_the_paper_says():
    generator = Generator()
    convolution, norm = generator.layers[3], generator.layers[4]
    assert float(convolution.weight.detach().std()) == pytest.approx(0.02, rel=0.05)
    assert float(norm.weight.detach().mean()) == pytest.approx(1.0, abs=0.02)
    assert not norm.bias.any()


def test_batch_norm_is_left_out_on_request_and_never_in_the_first_layer():
    with_norm, without = ([type(m).__name__ for m in Discriminator(batch_norm=norm).layers] for norm in (True, False))
    assert with_norm.count("BatchNorm2d") == 2
    assert with_norm[1] == "LeakyReLU"
    assert "BatchNorm2d" not in without


@pytest.mark.parametrize("network", [Generator, Discriminator])
@pytest.mark.parametrize("size", [0, 4, 12, 28])
def test_a_size_that_cannot_be_doubled_into_is_refused(network: type, size: int):
    with pytest.raises(ValueError, match=f"power of two of at least 8, got {size}"):
        network(size=size)


def test_the_largest_of_the_first_numbers_chooses_the_mode():
    generator = Generator(z_dim=5, width=2, size=8, modes=3).eval().requires_grad_(False)
    z = torch.tensor([[0.0, 1.0, -1.0, 9.0, 9.0]])
    step = 1e-6
    here, before, after = z.clone(), z.clone(), z.clone()
    here[0, 0], before[0, 0], after[0, 0] = 1 - 2 * step, 1 - step, 1 + step  # z_0 overtakes z_1 at 1
    crept = (generator(before) - generator(here)).abs().max()
    jumped = (generator(after) - generator(before)).abs().max()
    assert jumped > 100 * crept


def test_without_modes_the_map_is_continuous_and_nothing_is_added():
    assert Generator(z_dim=5, width=2, size=8).layers[0].weight.shape[0] == 5


@pytest.mark.parametrize("modes", [-1, 6])
def test_more_modes_than_numbers_are_refused(modes: int):
    with pytest.raises(ValueError, match=r"modes must lie in 0 … z_dim = 5"):
        Generator(z_dim=5, modes=modes)
