"""VGG-19 gives the features that the paper names, no deeper than asked."""

import pytest
import torch
from torch import nn

from models.hub import loading
from models.style import layers
from models.style.layers import LAYERS
from models.style.vgg import VGG19, ReviveReLU

ORIGINAL_RELUS = dict(zip(LAYERS, (3, 6, 10, 13, 17, 20, 23, 26, 30, 33, 36, 39, 43), strict=True))


@pytest.fixture(scope="module")
def network() -> VGG19:
    return loading.load("vgg19")


@pytest.fixture(scope="module")
def pictures() -> torch.Tensor:
    return torch.rand(2, 3, 37, 50, generator=torch.Generator().manual_seed(0))


def original(network: VGG19) -> nn.Sequential:
    """The network as its authors wrote it: one flat list, so that positions can be compared."""
    convolutions = iter(m for m in network.children())
    modules: list[nn.Module] = []

    def convolve() -> None:
        ours = next(convolutions)
        theirs = nn.Conv2d(ours.in_channels, ours.out_channels, 3)
        theirs.load_state_dict(ours.state_dict())
        modules.extend([nn.ReflectionPad2d(1), theirs, nn.ReLU()])

    modules.append(next(convolutions))
    for count in (2, 2, 4, 4):
        for _ in range(count):
            convolve()
        modules.append(nn.MaxPool2d(2, 2, ceil_mode=True))
    convolve()
    return nn.Sequential(*modules).requires_grad_(False)


def test_every_layer_equals_the_original_network(network: VGG19, pictures: torch.Tensor):
    expected, x = [], pictures
    for module in original(network):
        x = module(x)
        expected.append(x)

    features = network(pictures, LAYERS)

    assert list(features) == list(LAYERS)
    for layer, position in ORIGINAL_RELUS.items():
        torch.testing.assert_close(features[layer], expected[position], msg=lambda text, at=layer: f"{at}: {text}")


def test_capturing_many_layers_leaves_each_as_it_is_alone(network: VGG19, pictures: torch.Tensor):
    together = network(pictures, LAYERS)
    for layer in ("relu1_1", "relu3_4", "relu4_2"):
        assert torch.equal(together[layer], network(pictures, [layer])[layer])


def test_it_runs_no_deeper_than_asked(network: VGG19, pictures: torch.Tensor):
    ran = []
    hooks = [m.register_forward_hook(lambda *_, name=name: ran.append(name)) for name, m in network.named_children()]
    network(pictures, ["relu2_1", "relu1_1"])
    for hook in hooks:
        hook.remove()
    assert ran == ["colour", "conv1_1", "conv1_2", "conv2_1"]


def test_asking_for_nothing_gives_nothing(network: VGG19, pictures: torch.Tensor):
    assert network(pictures, []) == {}


@pytest.mark.parametrize("layer", ["relu1_2", "relu4_1", "relu5_1"])
def test_the_smallest_picture_of_a_layer(network: VGG19, layer: str):
    side = layers.min_side(layer)
    assert network(torch.rand(1, 3, side, side), [layer])[layer].shape[-2:] == (2, 2)
    with pytest.raises(ValueError, match=f"{layer} needs at least {side} pixels a side, got {side - 1}"):
        network(torch.rand(1, 3, side, side - 1), [layer])


def test_an_unknown_layer_is_named(network: VGG19, pictures: torch.Tensor):
    with pytest.raises(ValueError, match="no layer 'relu6_1'"):
        network(pictures, ["relu1_1", "relu6_1"])


def test_gradients_reach_the_picture(network: VGG19):
    picture = torch.rand(1, 3, 20, 20, requires_grad=True)
    sum(f.square().mean() for f in network(picture, LAYERS).values()).backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0


def test_a_silent_filter_is_woken_only_by_a_gradient_that_would_raise_it():
    x = torch.tensor([-2.0, -2.0, 3.0, 3.0], requires_grad=True)
    activated = ReviveReLU.apply(x)
    assert activated.tolist() == [0.0, 0.0, 3.0, 3.0]
    (slope,) = torch.autograd.grad(activated, x, torch.tensor([-1.0, 1.0, -1.0, 1.0]))
    assert slope.tolist() == [-1.0, 0.0, -1.0, 1.0]  # where the loss falls as x grows, it may


def test_revive_changes_the_way_back_alone(network: VGG19, pictures: torch.Tensor):
    layers = ["relu2_2", "relu3_1"]
    plain, revive = network(pictures, layers), network(pictures, layers, revive=["relu2_2"])
    for layer, features in plain.items():
        assert torch.equal(features, revive[layer])
