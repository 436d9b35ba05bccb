"""The first filters of VGG-19 give what its first layer gives, and are told apart by what they respond to."""

import pytest
import torch
from torch.nn import functional as F

from models.hub import loading
from models.style import first_filters
from models.style.layers import LAYERS, receptive_field
from models.style.vgg import VGG19


@pytest.fixture(scope="module")
def vgg() -> VGG19:
    network = loading.load("vgg19", source="bundled")
    assert isinstance(network, VGG19)
    return network


def test_folded_filters_give_relu1_1(vgg: VGG19):
    picture = torch.rand(1, 3, 12, 9, generator=torch.Generator().manual_seed(0))
    filters = first_filters.folded(vgg.state_dict())

    sums = F.conv2d(F.pad(picture, (1, 1, 1, 1), mode="reflect"), filters.weights, filters.biases)

    expected = vgg(picture, ["relu1_1"])["relu1_1"]
    torch.testing.assert_close(F.relu(sums), expected, rtol=1e-3, atol=1e-3)
    assert expected.std() > 0.1


@pytest.mark.parametrize(
    ("rows", "colours", "words"),
    [
        ([[-1, 0, 1]] * 3, (1, 1, 1), "edges, brighter towards the right"),
        ([[1, 1, 1], [0, 0, 0], [-1, -1, -1]], (1, 1, 1), "edges, brighter towards the top"),
        ([[0, -1, -2], [1, 0, -1], [2, 1, 0]], (1, 1, 1), "edges, brighter towards the lower left"),
        ([[1, 0, -1]] * 3, (1, 0, 0), "coloured edges, brighter towards the left"),
        ([[1, 1, 1]] * 3, (1, 1, 1), "bright places"),
        ([[1, 1, 1]] * 3, (-1, -1, -1), "dark places"),
        ([[1, 1, 1]] * 3, (1, -1, -1), "red"),
        ([[1, 1, 1]] * 3, (1, 1, -2), "yellow"),
        ([[1, -1, 1], [-1, 0, -1], [1, -1, 1]], (1, 1, 1), "a texture"),
    ],
)
def test_a_filter_is_put_into_words(rows: list[list[int]], colours: tuple[int, ...], words: str):
    weights = torch.tensor(rows).float() * torch.tensor(colours).float().view(3, 1, 1)

    assert first_filters.responds_to(weights) == words


def test_most_of_the_filters_that_vgg_learned_are_for_edges(vgg: VGG19):
    filters = first_filters.folded(vgg.state_dict())

    words = [first_filters.responds_to(weights) for weights in filters.weights]

    assert sum("edges" in text for text in words) > len(words) / 2
    assert {"red", "green", "blue"} < set(words)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_place_sees_its_receptive_field_and_no_more(layer: str):
    """The gradient of one place reaches as many pixels as `receptive_field` says."""
    torch.manual_seed(0)
    network = VGG19().double()
    for parameter in network.parameters():
        parameter.data.abs_()  # nothing is silent, so that the gradient reaches whatever it can
    side = receptive_field(layer) + 70
    pictures = torch.rand(1, 3, side, side, dtype=torch.float64, requires_grad=True)
    features = network(pictures, [layer])[layer]
    middle = features.shape[-1] // 2

    features[0, :, middle, middle].sum().backward()

    assert pictures.grad is not None
    touched = pictures.grad[0].abs().sum(dim=0) > 0
    reached = touched.any(dim=0).nonzero().flatten()
    # max pooling passes on one of four gradients, so the outermost pixels may be left out
    assert 0.6 * receptive_field(layer) <= int(reached[-1] - reached[0]) + 1 <= receptive_field(layer)
