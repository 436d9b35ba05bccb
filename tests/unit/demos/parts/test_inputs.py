"""A bad value is answered where it enters, in one sentence."""

import base64
import io
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from gradio.data_classes import ImageData
from PIL import Image

from demos.parts.inputs import MAX_SIDE, explained, mask_input, picture_input, seed_input, slider_input
from models.gan.seeds import MAX_SEED

NO_NUMBERS = [None, "", "3", "text", True, False, [1], {"value": 1}, float("nan"), float("inf"), float("-inf"), 10**400]
HUGE = "a number of 400 digits"


def called(value: object) -> str:
    return HUGE if value == 10**400 else repr(value)


def refusal(component: gr.components.Component, payload: Any) -> str:
    """The one sentence that answers a payload; the log stays free of a traceback."""
    with pytest.raises(gr.Error) as raised:
        component.preprocess(payload)
    error = raised.value
    assert error.print_exception is False
    assert "\n" not in error.message
    assert error.message.endswith(".")
    return error.message


def data_url(picture: Image.Image, kind: str = "PNG") -> str:
    file = io.BytesIO()
    picture.save(file, kind)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


@pytest.mark.parametrize("value", [*NO_NUMBERS, -4.1, 4.1, 1e308], ids=called)
def test_a_slider_takes_only_numbers_between_its_ends(value: object):
    assert refusal(slider_input(-4, 4, label="z[3]"), value) == "z[3] must be a number from -4 to 4."


@pytest.mark.parametrize("value", [-4, 4, 0, 0.3, -1.25])
def test_a_slider_hands_over_what_lies_between_its_ends(value: float):
    assert slider_input(-4, 4).preprocess(value) == value


def test_a_slider_in_whole_steps_takes_only_whole_numbers():
    held = slider_input(1, 16, precision=0, label="Held sample")
    assert refusal(held, 1.5) == "Held sample must be a whole number."
    taken = held.preprocess(3.0)
    assert (taken, type(taken)) == (3, int)


@pytest.mark.parametrize("value", [*NO_NUMBERS, -1, 0.5, 42.000001, MAX_SEED + 1, 2**32, 1e300], ids=called)
def test_a_seed_is_a_whole_number_in_range(value: object):
    assert refusal(seed_input(), value) == "A seed is a whole number from 0 to 4,294,967,295."


@pytest.mark.parametrize(
    ("value", "seed"), [(0, 0), (42, 42), (42.0, 42), (MAX_SEED, MAX_SEED), (float(MAX_SEED), MAX_SEED)]
)
def test_a_seed_arrives_as_an_int_however_it_was_written(value: float, seed: int):
    taken = seed_input().preprocess(value)
    assert taken == seed
    assert type(taken) is int


def test_an_upload_becomes_an_upright_rgb_picture(tmp_path: Path):
    path = tmp_path / "upload"
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.new("L", (64, 32), 90).save(path, "JPEG", exif=exif)
    picture = picture_input().preprocess(ImageData(path=str(path)))
    assert (picture.mode, picture.size) == ("RGB", (32, 64))


def test_a_large_upload_is_scaled_down_as_it_enters(tmp_path: Path):
    path = tmp_path / "large.png"
    Image.new("L", (2 * MAX_SIDE, MAX_SIDE)).save(path)
    assert picture_input().preprocess(ImageData(path=str(path))).size == (MAX_SIDE, MAX_SIDE // 2)


def test_a_data_url_is_read_like_a_file():
    picture = Image.effect_noise((40, 24), 80).convert("RGB")
    assert picture_input().preprocess(ImageData(url=data_url(picture))) == picture


def test_no_picture_is_no_picture():
    assert picture_input().preprocess(None) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("data:image/png;base64,", "is empty"),
        ("data:", "is empty"),
        ("data:image/png;base64,%%%", "not valid base64"),
        ("data:image/png;base64,abc", "not valid base64"),
        ("data:image/png;base64,käse", "not valid base64"),
        ("data:image/png;base64," + base64.b64encode(b"no picture").decode(), "not a picture"),
        ("data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(), "SVG drawing"),
        (data_url(Image.new("RGB", (1, 1))), "1 × 1 pixels"),
        (None, "holds no picture"),
        ("https://example.org/picture.png", "holds no picture"),
    ],
)
def test_a_bad_picture_is_answered_with_the_reason(url: str | None, reason: str):
    assert reason in refusal(picture_input(), ImageData(url=url))


def test_the_browser_shows_them_as_the_components_they_are():
    names = [component.get_block_name() for component in (slider_input(0, 1), seed_input(), picture_input())]
    assert names == ["slider", "number", "image"]


def test_only_the_named_kind_of_error_is_explained():
    with pytest.raises(gr.Error, match="too bright") as raised, explained(LookupError):
        raise KeyError("too bright")
    assert raised.value.print_exception is False
    with pytest.raises(ZeroDivisionError), explained(LookupError):
        raise ZeroDivisionError


def test_the_check_outlives_an_update_which_makes_a_new_instance():
    """As Gradio's `postprocess_data` makes it; an update that changes nothing does so too."""
    first = slider_input(0, 4, value=1, step=1, precision=0, label="Knob")

    updated = first.__class__(**{**first.constructor_args, "render": False})

    assert updated.preprocess(3) == 3
    with pytest.raises(gr.Error, match="Knob must be a number from 0 to 4"):
        updated.preprocess(5)
    assert updated.get_block_name() == "slider"


def test_a_photograph_of_a_phone_is_handed_over_like_any_other(tmp_path: Path):
    path = tmp_path / "IMG_0001.HEIC"
    Image.new("RGB", (64, 32), "red").save(path, "HEIF")
    picture = picture_input().preprocess(ImageData(path=str(path)))
    assert (picture.mode, picture.size) == ("RGB", (64, 32))


def test_a_mask_keeps_its_opacity():
    disc = Image.new("RGBA", (32, 32), (255, 255, 255, 0))
    disc.paste((255, 255, 255, 255), (8, 8, 24, 24))
    mask = mask_input().preprocess(ImageData(url=data_url(disc)))
    assert (mask.mode, mask.getpixel((16, 16))[3], mask.getpixel((2, 2))[3]) == ("RGBA", 255, 0)
