"""The networks and steps that a GPU records compute what the plain ones do, with nothing to convert or to read."""

from typing import Any

import pytest
import torch
from torch import Tensor

from benchmarks.operations import Operations
from models.hub import loading
from models.style import adain
from models.style.adain import AdaINPass, Decoder
from models.style.descent import Descent
from models.style.layers import LAYERS
from models.style.loss import Objective
from models.style.options import FROM_COLOURS, Method, Weights
from models.style.static.convolutions import StaticDecoder, StaticVGG19
from models.style.static.descent import StaticDescent
from models.style.static.objective import StaticObjective
from models.style.terms import Style
from models.style.vgg import VGG19

pytestmark = pytest.mark.usefixtures("float32")

HEIGHT, WIDTH = 50, 47  # odd sides: the last pool of each block is cut off


def picture(seed: int, height: int = HEIGHT, width: int = WIDTH) -> Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def region() -> Tensor:
    mask = torch.zeros(1, 1, HEIGHT, WIDTH)
    mask[..., 10:40, 5:30] = 0.7
    return mask


@pytest.fixture(scope="module")
def vgg() -> VGG19:
    return loading.load("vgg19", source="bundled")


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return loading.load("adain-decoder", source="bundled")


def descents(vgg: VGG19, method: Method, dtype: torch.dtype = torch.float32) -> tuple[Descent, StaticDescent]:
    content, styles = picture(0), [Style(picture(1, 40, 64))]
    plain = Objective(vgg, content, styles, weights=Weights(), revive=True)
    static = StaticObjective(StaticVGG19(vgg, dtype), content, styles, weights=Weights(), revive=True)
    return Descent(picture(2), plain, method), StaticDescent(picture(2), static, method)


def test_every_layer_has_the_same_features_and_lies_channels_last(vgg: VGG19):
    expected, actual = vgg(picture(0), LAYERS), StaticVGG19(vgg, torch.float32)(picture(0), LAYERS)
    for layer in LAYERS:
        torch.testing.assert_close(actual[layer], expected[layer], rtol=1e-4, atol=1e-4)
        assert actual[layer].is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("layer", ["relu1_1", "relu3_2", "relu5_1"])
@pytest.mark.parametrize("size", [(17, 17), (40, 33)])
def test_a_picture_s_border_has_the_same_gradient(vgg: VGG19, layer: str, size: tuple[int, int]):
    gradients = []
    for network in (vgg, StaticVGG19(vgg, torch.float32)):
        leaf = picture(0, *size).requires_grad_()
        gradients.append(torch.autograd.grad(network(leaf, [layer])[layer].square().sum(), leaf)[0])
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=float(1e-4 * gradients[0].abs().max()))


def test_small_pictures_and_unknown_layers_are_refused_as_by_the_plain_network(vgg: VGG19):
    static = StaticVGG19(vgg, torch.float32)
    with pytest.raises(ValueError, match="relu5_1 needs at least 17 pixels a side, got 12"):
        static(picture(0, 12, 20), ["relu5_1"])
    with pytest.raises(ValueError, match="no layer 'relu6_1'"):
        static(picture(0), ["relu6_1"])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("weights", [Weights(), Weights(variation=10.0), Weights(content=0), Weights(style=0)])
def test_the_loss_and_its_gradient_are_those_of_the_plain_objective(vgg: VGG19, weights: Weights, masked: bool):
    mask = region() if masked else None
    styles = [Style(picture(1, 64, 40), where=mask), Style(picture(3, 40, 40), 2.0)]
    options: dict[str, Any] = {"weights": weights, "content_mask": mask, "revive": True}
    losses, gradient = Objective(vgg, picture(0), styles, **options).gradient(picture(2))
    static = StaticObjective(StaticVGG19(vgg, torch.float32), picture(0), styles, **options)
    own_losses, own_gradient = static.gradient(picture(2))
    for own, expected in zip(own_losses, losses, strict=True):
        assert float(own) == pytest.approx(float(expected), rel=1e-4)
    assert own_gradient is not None
    assert gradient is not None
    assert (own_gradient - gradient).abs().max() < 1e-4 * gradient.abs().max()


def test_in_half_precision_the_loss_is_within_one_percent(vgg: VGG19):
    plain, static = descents(vgg, Method(), torch.bfloat16)
    for own, expected in zip(static.measure(), plain.measure(), strict=True):
        assert float(own) == pytest.approx(float(expected), rel=0.01)
    assert static.picture.grad is not None
    assert plain.picture.grad is not None
    assert static.picture.grad.dtype == torch.float32
    assert torch.cosine_similarity(static.picture.grad.flatten(), plain.picture.grad.flatten(), dim=0) > 0.98


@pytest.mark.parametrize("method", [Method(), FROM_COLOURS, Method(average=0.8, settle=0)])
def test_steps_move_the_picture_as_the_plain_ones_do(vgg: VGG19, method: Method):
    plain, static = descents(vgg, method)
    for _ in range(4):
        assert float(static.measure().total) == pytest.approx(float(plain.measure().total), rel=1e-3)
        plain.step()
        static.step()
    torch.testing.assert_close(static.image, plain.image, rtol=0, atol=0.01)


@pytest.mark.parametrize("back", [False, True], ids=["from plain to static", "from static to plain"])
def test_one_path_goes_on_from_the_other_s_state(vgg: VGG19, back: bool):
    plain, static = descents(vgg, Method(average=0.5))
    first, second = (static, plain) if back else (plain, static)
    for _ in range(3):
        first.measure()
        first.step()
    second.load_state_dict(first.state_dict())
    second.picture.data.copy_(first.picture.data)
    for descent in (first, second):
        descent.measure()
        descent.step()
    assert second.steps == first.steps == 4
    torch.testing.assert_close(second.picture, first.picture, rtol=0, atol=0.005)
    torch.testing.assert_close(second.mean, first.mean, rtol=0, atol=0.005)


@pytest.mark.parametrize("masked", [False, True])
@torch.no_grad()
def test_a_step_reads_nothing_and_converts_nothing(vgg: VGG19, masked: bool):
    mask = region() if masked else None
    styles = [Style(picture(1, 64, 40), where=mask)]
    objective = StaticObjective(
        StaticVGG19(vgg, torch.float32), picture(0), styles, weights=Weights(), content_mask=mask, revive=True
    )
    static = StaticDescent(picture(2), objective, FROM_COLOURS)
    static.step()  # the first makes the optimiser's state
    with Operations() as operations:
        static.static_step()
    assert operations.names["aten::convolution"] == 13
    assert operations.reads == []
    assert operations.conversions == []


@torch.no_grad()
def test_the_plain_step_does_both(vgg: VGG19):
    """What the test above would find."""
    plain = Objective(vgg, picture(0), [Style(picture(1), where=region())], weights=Weights())
    with Operations() as operations, torch.autocast("cpu", torch.bfloat16):
        plain.gradient(picture(2))
    assert "aten::_local_scalar_dense" in operations.reads
    assert len(operations.conversions) > 20
    with Operations() as operations:
        picture(0).to(memory_format=torch.channels_last)
    assert len(operations.conversions) == 1


def test_everything_that_a_step_needs_keeps_its_place(vgg: VGG19):
    static = descents(vgg, Method(average=0.5))[1]
    static.step()

    def places() -> list[tuple[int, torch.Size]]:
        assert static.picture.grad is not None
        moments = static.optimiser.state[static.picture].values()
        rate = static.optimiser.param_groups[0]["lr"]
        kept = [static.picture, static.picture.grad, static.mean, rate, *static.measure(), *moments]
        return [(tensor.data_ptr(), tensor.shape) for tensor in kept]

    before = places()
    static.step()
    static.step()
    assert places() == before


def test_adain_restyles_as_the_plain_networks_do_also_several_pictures_at_once(vgg: VGG19, decoder: Decoder):
    plain = AdaINPass(vgg, decoder)
    static = AdaINPass(StaticVGG19(vgg, torch.float32), StaticDecoder(decoder, torch.float32))
    photos, painting = torch.cat([picture(0), picture(2)]), picture(1, 64, 40)
    results = []
    with torch.inference_mode():
        for networks in (plain, static):
            features = networks.encode(photos)
            own = adain.moments(features)
            results.append(networks.paint(features, [networks.look(painting)], [], strength=0.8, own=own))
    assert results[0].std() > 0.05
    torch.testing.assert_close(results[1], results[0], rtol=0, atol=1e-3)
