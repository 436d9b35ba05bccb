"""Training convolutions with whitened inputs."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.gan.training import spectral
from models.style.vgg import conv3x3
from training.light import whitening


@pytest.fixture
def pictures() -> Tensor:
    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(2, 4, 6, 6, generator=random)  # channels and positions are correlated, as in features
    return F.interpolate(coarse, scale_factor=6, mode="bilinear") + 0.05 * torch.randn(2, 4, 36, 36, generator=random)


def test_preparing_and_whitening_keep_the_output_of_the_network(pictures: Tensor):
    network = nn.Sequential(conv3x3(4, 8), nn.ReLU(), conv3x3(8, 3))
    with torch.no_grad():
        before, state = network(pictures), {name: tensor.clone() for name, tensor in network.state_dict().items()}
        whitening.prepare(network)
        assert torch.allclose(network(pictures), before, atol=1e-6)
        whitening.whiten(network, lambda: network(pictures))
        assert torch.allclose(network(pictures), before, atol=1e-4)
    folded = spectral.folded(network)
    assert set(folded) == set(state)
    assert all(torch.allclose(folded[name], tensor, atol=1e-4) for name, tensor in state.items())


def test_whitened_inputs_vary_about_equally_in_all_directions(pictures: Tensor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(whitening, "RIDGE", 1e-3)
    convolution = conv3x3(4, 8)
    network = nn.Sequential(convolution)
    whitening.prepare(network)
    whitening.whiten(network, lambda: network(pictures))
    columns = F.unfold(F.pad(pictures, (1, 1, 1, 1), mode="reflect"), 3).transpose(1, 2).flatten(0, 1)
    shrink = convolution.get_buffer("parametrizations.weight.0.shrink")
    before, after = (torch.linalg.eigvalsh(x.T @ x / len(x)) for x in (columns, columns @ shrink))
    assert before.max() / before.median() > 100
    assert after.max() / after.median() < 10


def test_the_optimiser_moves_the_kernels(pictures: Tensor):
    network = nn.Sequential(conv3x3(4, 8))
    whitening.prepare(network)
    before = spectral.folded(network)["0.weight"].clone()
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    network(pictures).square().mean().backward()
    optimiser.step()
    assert not torch.equal(spectral.folded(network)["0.weight"], before)
