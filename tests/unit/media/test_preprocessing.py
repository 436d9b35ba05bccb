"""Each step of a preparation, and the order of the steps."""

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from media import preprocessing
from media.images import MIN_SIDE, WHITE
from media.preprocessing import Preparation


def ramp(width: int = 100, height: int = 60) -> Image.Image:
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([red, green, 255 - red], axis=-1).astype(np.uint8))


def prepared(picture: Image.Image, **settings: object) -> Image.Image:
    return preprocessing.prepare(picture, Preparation(**settings), find_subject=left_half)


def left_half(picture: Image.Image) -> Image.Image:
    mask = Image.new("L", picture.size, 0)
    mask.paste(255, (0, 0, picture.width // 2, picture.height))
    return mask


def test_the_defaults_change_nothing():
    assert prepared(ramp()) == ramp()


def test_a_crop_keeps_the_part_named_by_fractions():
    assert prepared(ramp(), crop=(0.25, 0.5, 0.75, 1.0)) == ramp().crop((25, 30, 75, 60))


def test_a_narrow_crop_keeps_the_minimum_side():
    assert min(prepared(ramp(), crop=(0.97, 0.97, 1.0, 1.0)).size) == MIN_SIDE


def test_four_quarter_turns_lose_nothing():
    picture = ramp()
    assert prepared(picture, rotate=90).size == (60, 100)
    for _ in range(4):
        picture = prepared(picture, rotate=90)
    assert picture == ramp()


def test_an_oblique_rotation_keeps_the_whole_picture_on_white():
    turned = prepared(ramp(), rotate=45)
    assert min(turned.size) > 100
    assert turned.getpixel((0, 0)) == WHITE


def test_scaling_shrinks_both_sides():
    assert prepared(ramp(), scale=0.5).size == (50, 30)


def test_the_background_becomes_white():
    cut = prepared(ramp(), cut_out=True)
    assert cut.crop((50, 0, 100, 60)).getcolors() == [(50 * 60, WHITE)]
    assert cut.crop((0, 0, 50, 60)) == ramp().crop((0, 0, 50, 60))


def test_greyscale_leaves_no_colour():
    levels = np.asarray(prepared(ramp(), greyscale=True))
    assert (levels[..., 0] == levels[..., 2]).all()


@pytest.mark.parametrize(("settings", "sign"), [({"gamma": 2}, 1), ({"gamma": 0.5}, -1), ({"brightness": 1.2}, 1)])
def test_light_settings_brighten_or_darken(settings: dict[str, float], sign: int):
    change = np.asarray(prepared(ramp(), **settings), dtype=float).mean() - np.asarray(ramp(), dtype=float).mean()
    assert change * sign > 10


def test_gamma_leaves_black_and_white_alone():
    assert prepared(Image.new("RGB", (20, 20), "black"), gamma=3).getpixel((0, 0)) == (0, 0, 0)
    assert prepared(Image.new("RGB", (20, 20), "white"), gamma=3).getpixel((0, 0)) == WHITE


def test_no_contrast_is_grey():
    assert len(prepared(ramp(), contrast=0).getcolors()) == 1


def test_the_subject_is_found_after_rotation_and_before_greyscale():
    calls = []

    def find(picture: Image.Image) -> Image.Image:
        calls.append((picture.size, len(picture.getcolors(10_000))))
        return left_half(picture)

    settings = Preparation(rotate=90, scale=0.5, greyscale=True, cut_out=True)
    preprocessing.prepare(ramp(), settings, find_subject=find)
    assert calls[0][0] == (30, 50)
    assert calls[0][1] > 256


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"crop": (0.5, 0, 0.5, 1)}, "each at least 0.02 before its opposite"),
        ({"rotate": 181}, "less than or equal to 180"),
        ({"gamma": 0}, "greater than or equal to 0.2"),
        ({"scale": float("nan")}, "scale"),
        ({"blur": 3}, "blur"),
    ],
)
def test_a_setting_out_of_range_is_refused(settings: dict[str, object], reason: str):
    with pytest.raises(ValidationError, match=reason):
        Preparation(**settings)
