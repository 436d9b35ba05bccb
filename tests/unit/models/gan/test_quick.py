"""The generator for many pictures draws what the trained one draws."""

import pytest
import torch

from models import tensors
from models.gan import latent
from models.gan.dcgan import Generator
from models.gan.labelled import Generator as LabelledGenerator
from models.gan.quick import QuickGenerator
from models.hub import loading


def trained(**arguments: int) -> Generator:
    """A generator whose batch norms have seen something."""
    torch.manual_seed(0)
    generator = Generator(**{"z_dim": 12, "width": 8, "size": 16, **arguments})
    with torch.no_grad():
        for module in generator.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.weight.uniform_(0.5, 2)
                module.bias.uniform_(-1, 1)
                module.running_mean.uniform_(-0.1, 0.1)
                module.running_var.uniform_(0.01, 1)
            elif isinstance(module, torch.nn.ConvTranspose2d):
                module.weight.mul_(10)
    return generator.eval()


@pytest.mark.parametrize(("modes", "channels", "size"), [(0, 1, 16), (6, 3, 32)])
def test_it_draws_the_same_pictures_up_to_their_border(modes: int, channels: int, size: int):
    generator = trained(modes=modes, channels=channels, size=size)
    quick, z = QuickGenerator(generator), torch.randn(9, 12, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        drawn, expected = quick(z), generator(z)
    assert expected.std() > 0.1
    torch.testing.assert_close(drawn, expected, rtol=0, atol=1e-4)


def test_labels_are_chosen_as_before():
    torch.manual_seed(0)
    generator = LabelledGenerator(labels="a, b", z_dim=6, width=4, size=16).eval()
    z = torch.randn(5, 6, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(QuickGenerator(generator)(z), generator(z), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["mnist-dcgan", "mnist-collapse", "emoji-dcgan"])
def test_trained_weights_give_the_same_levels(name: str):
    generator = loading.load(name, source="bundled")
    z = latent.sample_z(0, 16, generator.z_dim)
    with torch.inference_mode():
        levels = [tensors.to_uint8(network(z)).int() for network in (generator, QuickGenerator(generator))]
    assert (levels[0] - levels[1]).abs().max() <= 1
