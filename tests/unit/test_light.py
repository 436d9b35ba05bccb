"""The light style network, as it is before training and as it is bundled."""

import pytest
import torch
from torch import Tensor

from demos import samples
from models import adain, colour, hub, images, light, manifest
from models.adain import Decoder
from models.light import LightStyle
from models.style_loss import Objective
from models.style_terms import Style, Weights
from models.vgg import VGG19

SIDE = 192


@pytest.fixture(scope="module")
def network() -> LightStyle:
    network = hub.load("light-style")
    assert isinstance(network, LightStyle)
    return network


@pytest.fixture(scope="module")
def photo() -> Tensor:
    return images.to_tensor(images.read(samples.photos()[0].path).resize((SIDE, SIDE)))


@pytest.fixture(scope="module")
def painting() -> Tensor:
    return images.to_tensor(images.read(samples.paintings()[0].path).resize((SIDE, SIDE)))


def test_before_it_has_learnt_anything_it_lays_strokes_over_the_photo_in_the_painting_s_colours(
    photo: Tensor, painting: Tensor
):
    untrained = LightStyle().eval()
    with torch.inference_mode():
        painted = light.restyle(untrained, photo, light.look(untrained, painting))
    expected = colour.match_colours(photo, painting) + light.LAID / 2 * detail(light.strokes(painting))
    assert (painted - expected.clamp(0, 1)).abs().mean() < 0.01


def detail(picture: Tensor) -> Tensor:
    return torch.stack(list(light.bands(picture))).sum(0)


def test_strokes_keep_their_strength_and_lose_their_place(painting: Tensor):
    fine, strokes = detail(painting), light.strokes(painting)
    assert 0.6 * fine.std() < strokes.std() < 1.1 * fine.std()
    assert torch.corrcoef(torch.stack([fine.flatten(), strokes.flatten()]))[0, 1] < 0.2
    assert torch.equal(strokes, light.strokes(painting))


def test_the_bands_leave_what_is_coarse(photo: Tensor):
    rest = photo - detail(photo)
    assert torch.allclose(rest.mean((2, 3)), photo.mean((2, 3)), atol=0.01)
    assert (rest[..., 1:] - rest[..., :-1]).abs().mean() < (photo[..., 1:] - photo[..., :-1]).abs().mean() / 2


@pytest.mark.parametrize(("height", "width"), [(2, 3), (7, 20), (3, 4)])
def test_strokes_are_mirrored_as_often_as_it_takes(height: int, width: int):
    strokes = torch.arange(12.0).view(1, 1, 3, 4)
    found = light.spread(strokes, height, width)
    mirrored = torch.cat([strokes, strokes.flip(-2)], -2)
    expected = torch.cat([mirrored, mirrored.flip(-1)], -1).repeat(1, 1, 4, 4)[..., :height, :width]
    assert torch.equal(found, expected)


def test_a_photo_of_nearly_one_colour_does_not_show_its_noise(painting: Tensor):
    noisy = 0.5 + 0.004 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    coloured = light.coloured(noisy, *colour.statistics(painting))
    assert coloured.std(dim=(2, 3)).max() < 1.05 * light.MOST * noisy.std()


def test_trained_it_comes_nearer_to_the_painting_than_colours_alone(
    network: LightStyle, photo: Tensor, painting: Tensor
):
    vgg, decoder = hub.load("vgg19"), hub.load("adain-decoder")
    assert isinstance(vgg, VGG19)
    assert isinstance(decoder, Decoder)
    objective = Objective(vgg, photo, [Style(painting)], weights=Weights())
    with torch.inference_mode():
        ours, coloured, theirs = (
            objective(picture)
            for picture in (
                light.restyle(network, photo, light.look(network, painting)),
                colour.match_colours(photo, painting),
                adain.restyle(vgg, decoder, photo, adain.style_moments(vgg, painting)),
            )
        )
    assert ours.style < 0.7 * coloured.style
    assert ours.total < 1.3 * theirs.total


@pytest.mark.parametrize("size", [(16, 16), (61, 90), (128, 33)])
def test_any_size_comes_back_in_that_size_and_within_range(
    network: LightStyle, painting: Tensor, size: tuple[int, int]
):
    with torch.inference_mode():
        painted = light.restyle(network, torch.rand(1, 3, *size), light.look(network, painting))
    assert painted.shape == (1, 3, *size)
    assert painted.min() >= 0
    assert painted.max() <= 1


def test_a_tiny_painting_has_a_look(network: LightStyle, painting: Tensor):
    assert light.look(network, painting[..., :16, :20]).code.isfinite().all()


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
        one, other = light.look(network, painting), light.look(network, photo)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(light.mix([one, other], [3, 0]), one, strict=True))
    assert torch.allclose(light.mix([one, other], [1, 1]).mean, (one.mean + other.mean) / 2)


def test_weights_that_make_no_sense_are_refused(network: LightStyle, painting: Tensor):
    style = light.look(network, painting)
    with pytest.raises(ValueError, match="weight 0"):
        light.mix([style], [0])


def test_the_picture_s_edge_is_painted_like_its_middle(network: LightStyle, painting: Tensor):
    """Zeros beyond the border would show as a frame."""
    with torch.inference_mode():
        painted = light.restyle(network, torch.full((1, 3, 128, 128), 0.5), light.look(network, painting))
    middle, edge = painted[..., 40:88, 40:88].mean((2, 3)), painted[..., :8, :].mean((2, 3))
    assert (middle - edge).abs().max() < 0.1


def test_it_is_light():
    entry = manifest.read()["light-style"]
    assert sum(file.bytes for file in entry.files) <= 4_000_000
