"""Colours are kept or moved, and nothing else is."""

import pytest
import torch

from assets.samples import ASSETS
from models.style import colour
from training.import_pretrained import square


@pytest.fixture(scope="module")
def photo() -> torch.Tensor:
    return square(ASSETS / "photos/coffee.jpg", 64)


@pytest.fixture(scope="module")
def painting() -> torch.Tensor:
    return square(ASSETS / "paintings/irises.jpg", 48)


@pytest.fixture(scope="module")
def result() -> torch.Tensor:
    return square(ASSETS / "paintings/wheat-field.jpg", 64)


def test_kept_colours_have_the_luminance_of_the_result(photo: torch.Tensor, result: torch.Tensor):
    kept = colour.keep_colours(result, photo)
    torch.testing.assert_close(colour.luminance(kept), colour.luminance(result), rtol=0, atol=1e-4)


def test_kept_colours_have_the_chroma_of_the_content_or_as_much_as_fits(photo: torch.Tensor, result: torch.Tensor):
    kept, wanted = colour.chroma(colour.keep_colours(result, photo)), colour.chroma(photo)
    share = (kept * wanted).sum(1) / wanted.square().sum(1).clamp(min=1e-6)
    torch.testing.assert_close(kept, wanted * share[:, None], rtol=0, atol=1e-3)  # the same hue
    assert share.max() <= 1.001
    assert (share > 0.99).float().mean() > 0.5


def test_keeping_colours_twice_changes_nothing_more(photo: torch.Tensor, result: torch.Tensor):
    once = colour.keep_colours(result, photo)
    torch.testing.assert_close(colour.keep_colours(once, once), once, rtol=0, atol=1e-4)
    torch.testing.assert_close(colour.keep_colours(photo, photo), photo, rtol=0, atol=1e-4)


def test_a_grey_content_makes_a_grey_result(photo: torch.Tensor, result: torch.Tensor):
    kept = colour.keep_colours(result, photo.mean(1, keepdim=True).expand(-1, 3, -1, -1))
    assert (kept.amax(1) - kept.amin(1)).max() < 1e-3


def test_matched_colours_have_the_mean_and_covariance_of_the_target(photo: torch.Tensor, painting: torch.Tensor):
    source = 0.4 + 0.2 * painting  # away from the ends, so that nothing is cut off
    target = 0.4 + 0.2 * photo
    matched = colour.match_colours(source, target)[0].flatten(1)
    torch.testing.assert_close(matched.mean(1), target[0].flatten(1).mean(1), rtol=0, atol=2e-3)
    torch.testing.assert_close(torch.cov(matched), torch.cov(target[0].flatten(1)), rtol=0, atol=2e-4)


def test_matching_a_picture_with_itself_changes_nothing(photo: torch.Tensor):
    torch.testing.assert_close(colour.match_colours(photo, photo), photo, rtol=0, atol=1e-4)


def test_matching_twice_is_matching_once(photo: torch.Tensor, painting: torch.Tensor):
    source, target = 0.4 + 0.2 * painting, 0.4 + 0.2 * photo
    once = colour.match_colours(source, target)
    torch.testing.assert_close(colour.match_colours(once, target), once, rtol=0, atol=5e-3)


def test_a_picture_of_one_colour_is_matched_to_its_mean(photo: torch.Tensor):
    flat = torch.full((1, 3, 16, 16), 0.3)
    matched = colour.match_colours(photo, flat)
    assert matched.isfinite().all()
    torch.testing.assert_close(matched.mean((2, 3)), flat.mean((2, 3)), rtol=0, atol=0.02)
