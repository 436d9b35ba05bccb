"""Real digits and clothes come off their sheets as the generators' samples look: ink on paper, 32 pixels a side."""

import numpy as np
import pytest
from PIL import Image

from evaluation.qualitative.study import real
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.folders import SHIPPED as STUDIES

ALL = 400


def keys(pictures: list[Image.Image]) -> list[bytes]:
    return [picture.tobytes() for picture in pictures]


@pytest.mark.parametrize("data", ["mnist-digits", "fashion-clothes"])
def test_a_sheet_holds_four_hundred_pictures(data: str):
    with Image.open(STUDIES / f"{data}.png") as sheet:
        assert (sheet.mode, sheet.size) == ("L", (640, 640))
    assert len(set(keys(real.pick(data, seed=0, count=ALL)))) == ALL


def test_clothes_lie_on_white():
    for picture in real.pick("fashion-clothes", seed=1, count=ALL):
        levels = np.asarray(picture)
        assert (picture.mode, picture.size) == ("L", (32, 32))
        assert (levels[[0, 1, -2, -1]] == 255).all()  # 28 pixels, two of border on each side
        assert levels.min() < 128


def test_a_digit_is_ink_on_paper():
    for picture in real.pick("mnist-digits", seed=1, count=ALL):
        levels = np.asarray(picture)
        assert (picture.mode, picture.size) == ("L", (32, 32))
        border = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
        assert (border == 255).all()
        assert levels.min() < 64
        assert levels.mean() > 128


def test_every_digit_stands_whole_in_the_middle_of_its_cell():
    for picture in real.pick("mnist-digits", seed=0, count=ALL):
        ink = 255.0 - np.asarray(picture)
        centre = [(ink.sum(axis=axis) * np.arange(32)).sum() / ink.sum() for axis in (0, 1)]
        assert all(12 < at < 20 for at in centre)  # MNIST centres each digit by its mass


def test_a_seed_picks_the_same_digits_and_never_one_twice():
    first = keys(real.pick("mnist-digits", seed=5, count=16))
    assert first == keys(real.pick("mnist-digits", seed=5, count=16))
    assert len(set(first)) == 16
    assert set(first) != set(keys(real.pick("mnist-digits", seed=6, count=16)))


def test_more_digits_than_there_are_cannot_be_picked():
    with pytest.raises(StudyError, match="'mnist-digits' holds 400 pictures, 401 were asked for"):
        real.pick("mnist-digits", seed=0, count=401)


def test_unknown_data_is_answered_with_the_known():
    with pytest.raises(StudyError, match="no real pictures called 'faces'; there are: mnist-digits, fashion-clothes"):
        real.pick("faces", seed=0, count=1)
