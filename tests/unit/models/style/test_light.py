"""The light style network as it is bundled."""

from statistics import median

import pytest
import torch
from torch import Tensor

from assets import samples
from media import images
from models import tensors
from models.hub import loading, manifest
from models.style import adain, colour, light
from models.style.adain import Decoder
from models.style.light import LightStyle
from models.style.loss import Objective
from models.style.options import Weights
from models.style.terms import Style
from models.style.vgg import VGG19

SIDE = 192


@pytest.fixture(scope="module")
def network() -> LightStyle:
    network = loading.load("light-style")
    assert isinstance(network, LightStyle)
    return network


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return tensors.to_tensor(images.read(samples.photos()[0].path).resize((SIDE, SIDE)))


@pytest.fixture(scope="module")
def painting() -> Tensor:
    return tensors.to_tensor(images.read(samples.paintings()[0].path).resize((SIDE, SIDE)))


def test_it_comes_nearer_to_the_painting_than_colours_alone(network: LightStyle, painting: Tensor):
    vgg, decoder = loading.load("vgg19"), loading.load("adain-decoder")
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    with torch.inference_mode():
        style, moments = light.look(network, painting), adain.style_moments(vgg, painting)
    of_colours, of_adain = [], []
    for sample in samples.photos():
        photo = tensors.to_tensor(images.read(sample.path).resize((SIDE, SIDE)))
        objective = Objective(vgg, photo, [Style(painting)], weights=Weights())
        with torch.inference_mode():
            ours, coloured, theirs = (
                objective(picture)
                for picture in (
                    light.restyle(network, photo, style),
                    colour.match_colours(photo, painting),
                    adain.restyle(vgg, decoder, photo, moments),
                )
            )
        of_colours.append(float(ours.style / coloured.style))
        of_adain.append(float(ours.total / theirs.total))
    assert max(of_colours) < 1
    assert median(of_colours) < 0.5
    assert median(of_adain) < 1.15


@pytest.mark.parametrize("size", [(16, 16), (61, 90), (128, 33)])
def test_any_size_comes_back_in_that_size_and_within_range(
    network: LightStyle, painting: Tensor, size: tuple[int, int]
):
    with torch.inference_mode():
        painted = light.restyle(network, torch.rand(1, 3, *size), light.look(network, painting))
    assert painted.shape == (1, 3, *size)
    assert painted.min() >= 0
    assert painted.max() <= 1


def test_features_have_the_size_that_tiles_count_with(network: LightStyle, photo: Tensor):
    with torch.inference_mode():
        assert network.encode(photo[..., :61, :90]).shape == (1, light.FEATURES, 8, 12)


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (7, 4)])
def test_enlarging_and_convolving_at_once_is_doing_both(network: LightStyle, size: tuple[int, int]):
    x = torch.randn(2, light.DECODER["conv4_1"], *size, generator=torch.Generator().manual_seed(0))
    convolution = network.decoder["conv3_3"]
    with torch.inference_mode():
        torch.testing.assert_close(light.enlarged(convolution, x), convolution(light.larger(x)), rtol=1e-4, atol=1e-4)


def test_strength_leads_from_the_photo_to_the_painting(network: LightStyle, photo: Tensor, painting: Tensor):
    with torch.inference_mode():
        style = light.look(network, painting)
        none, half, full = (light.restyle(network, photo, style, strength=s) for s in (0.0, 0.5, 1.0))
    assert torch.equal(none, photo)
    assert 0 < (half - photo).abs().mean() < (full - photo).abs().mean()


def test_a_strength_out_of_range_is_refused(network: LightStyle, photo: Tensor, painting: Tensor):
    with pytest.raises(ValueError, match="strength must lie in"):
        light.restyle(network, photo, light.look(network, painting), strength=1.5)


def test_a_mixture_of_one_is_itself_and_of_two_lies_between(network: LightStyle, photo: Tensor, painting: Tensor):
    with torch.inference_mode():
        of_painting, of_photo = light.look(network, painting), light.look(network, photo)
    same, between = light.mix([of_painting, of_photo], [3, 0]), light.mix([of_painting, of_photo], [1, 1])
    assert torch.allclose(same.moments.mean, of_painting.moments.mean)
    assert torch.allclose(same.covariance, of_painting.covariance)
    assert torch.allclose(between.mean, (of_painting.mean + of_photo.mean) / 2)
    with pytest.raises(ValueError, match="weight 0"):
        light.mix([of_painting], [0])


def test_the_result_has_the_colours_of_the_painting(network: LightStyle, photo: Tensor, painting: Tensor):
    with torch.inference_mode():
        style = light.look(network, painting)
        mean, covariance = colour.statistics(light.restyle(network, photo, style))
    assert (mean - style.mean).abs().max() < 0.03  # what leaves [0, 1] is cut off
    assert (covariance - style.covariance).norm() < 0.4 * style.covariance.norm()


def test_a_photo_of_nearly_one_colour_does_not_show_its_noise(network: LightStyle, painting: Tensor):
    noisy = 0.5 + 0.004 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        style = light.look(network, painting)
        same = light.finished(noisy, noisy, style)
    assert same.std(dim=(2, 3)).max() < (1 + light.DETAIL) * 1.1 * light.MOST * noisy.std()


def test_the_picture_s_edge_is_painted_like_its_middle(network: LightStyle, painting: Tensor):
    """Zeros beyond the border would show as a frame."""
    with torch.inference_mode():
        painted = light.restyle(network, torch.full((1, 3, 128, 128), 0.5), light.look(network, painting))
    middle, edge = painted[..., 40:88, 40:88].mean((2, 3)), painted[..., :8, :].mean((2, 3))
    assert (middle - edge).abs().max() < 0.1


def test_it_is_light():
    entry = manifest.read()["light-style"]
    assert sum(file.bytes for file in entry.files) <= 4_000_000
