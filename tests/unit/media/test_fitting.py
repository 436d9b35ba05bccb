"""A visitor's drawing is placed as the training pictures are, whatever its ground, size and place."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from media import fitting
from media.fitting import BlankError

SIDE, SHARE = 32, 0.625


def stroke(size: tuple[int, int], box: tuple[int, int, int, int], *, mode: str = "L") -> Image.Image:
    picture = Image.new(mode, size, "white")
    ImageDraw.Draw(picture).rectangle(box, fill="black")
    return picture


def middle(picture: Image.Image) -> tuple[float, float]:
    ink = 255.0 - np.asarray(picture)
    return float((np.arange(SIDE) @ ink.sum(axis=0)) / ink.sum()), float(
        (np.arange(SIDE) @ ink.sum(axis=1)) / ink.sum()
    )


@pytest.mark.parametrize("box", [(10, 10, 60, 90), (150, 40, 190, 190), (5, 120, 50, 195)])
def test_the_centre_of_mass_moves_to_the_middle(box: tuple[int, int, int, int]):
    placed = fitting.centred(stroke((200, 200), box), SIDE, share=SHARE)
    assert placed.size == (SIDE, SIDE)
    assert middle(placed) == pytest.approx((15.5, 15.5), abs=0.6)


def test_the_longer_side_fills_the_share():
    placed = ImageOps.invert(fitting.centred(stroke((300, 200), (40, 40, 60, 160)), SIDE, share=SHARE))
    left, top, right, bottom = placed.point(lambda level: 255 * (level > 40)).getbbox() or (0, 0, 0, 0)
    assert (right - left, bottom - top) == (3, 20)


def test_light_on_dark_gives_the_same_as_dark_on_light():
    dark = stroke((100, 100), (30, 20, 60, 80))
    first, second = (fitting.centred(p, SIDE, share=SHARE) for p in (dark, ImageOps.invert(dark)))
    assert np.abs(np.asarray(first, dtype=int) - np.asarray(second, dtype=int)).max() <= 1


def test_what_is_transparent_is_ground():
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((40, 20, 60, 80), fill=(0, 0, 0, 255))
    expected = fitting.centred(stroke((100, 100), (40, 20, 60, 80)), SIDE, share=SHARE)
    assert fitting.centred(picture, SIDE, share=SHARE).tobytes() == expected.tobytes()


@pytest.mark.parametrize("colour", ["white", "black", "grey"])
def test_a_blank_picture_is_refused(colour: str):
    blank = Image.new("RGB", (64, 48), colour)
    with pytest.raises(BlankError, match="blank"):
        fitting.centred(blank, SIDE, share=SHARE)
    with pytest.raises(BlankError, match="blank"):
        fitting.square(blank, SIDE)


def test_the_share_that_drawings_fill_is_measured():
    pictures = [stroke((32, 32), (6, 6, 25, 10)), stroke((32, 32), (0, 0, 9, 9)), Image.new("L", (32, 32), "white")]
    assert fitting.share_filled(pictures) == pytest.approx((20 + 10) / 2 / 32)
    assert fitting.share_filled(pictures[2:]) == 1


def test_a_picture_fits_into_a_square_whole():
    picture = Image.new("RGB", (100, 50), "navy")
    picture.paste("gold", (0, 0, 50, 50))
    placed = fitting.square(picture, SIDE)
    assert placed.size == (SIDE, SIDE)
    assert placed.getpixel((2, 16)) == (255, 215, 0)
    assert placed.getpixel((29, 16)) == (0, 0, 128)
    assert placed.getpixel((16, 2)) == (255, 255, 255)
