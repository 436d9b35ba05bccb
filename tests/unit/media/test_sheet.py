"""A contact sheet enlarges without blur, and a click finds the sample under it."""

import numpy as np
import pytest
from PIL import Image

from media import sheet

SIDE, SCALE, GAP, COLUMNS = 3, 4, 2, 4
PITCH = SIDE * SCALE + GAP
SIZE = COLUMNS * PITCH + GAP


def digits(count: int = 16) -> list[Image.Image]:
    levels = np.random.RandomState(0).randint(0, 200, (count, SIDE, SIDE), dtype=np.uint8)
    return [Image.fromarray(level) for level in levels]


def cell(picture: Image.Image, i: int, *, gap: int = GAP, columns: int = COLUMNS) -> np.ndarray:
    """The pixels of sample `i`, back at the size of a sample."""
    row, column = divmod(i, columns)
    pitch = SIDE * SCALE + gap
    left, top = gap + column * pitch, gap + row * pitch
    return np.asarray(picture)[top : top + SIDE * SCALE, left : left + SIDE * SCALE]


def enlarged(picture: Image.Image) -> np.ndarray:
    return np.kron(np.asarray(picture), np.ones((SCALE, SCALE), dtype=np.uint8))


def test_samples_stand_row_by_row_as_crisp_squares_on_paper():
    samples = digits()
    picture = sheet.lay_out(samples, scale=SCALE, gap=GAP)
    assert (picture.mode, picture.size) == ("L", (SIZE, SIZE))
    for i, sample in enumerate(samples):
        assert np.array_equal(cell(picture, i), enlarged(sample))
    gaps = np.asarray(picture)[:GAP], np.asarray(picture)[:, -GAP:], np.asarray(picture)[PITCH : PITCH + GAP]
    assert all((gap == 255).all() for gap in gaps)


@pytest.mark.parametrize(("scale", "gap"), [(1, 0), (4, 0), (4, 8), (3, 8), (6, 4), (1, 5)])
def test_scale_and_gap_are_pixels_of_the_sheet(scale: int, gap: int):
    first, *_ = samples = digits(4)
    picture = np.asarray(sheet.lay_out(samples, scale=scale, gap=gap))
    assert picture.shape == (2 * (SIDE * scale + gap) + gap,) * 2
    assert np.array_equal(
        picture[gap : gap + SIDE * scale, gap : gap + SIDE * scale],
        np.kron(np.asarray(first), np.ones((scale, scale), dtype=np.uint8)),
    )


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (9, 3), (16, 4), (17, 5)])
def test_the_sheet_is_the_smallest_square_that_holds_them(count: int, columns: int):
    assert sheet.lay_out(digits(count)).size == (columns * SIDE, columns * SIDE)


def test_cells_without_a_sample_stay_paper():
    picture = sheet.lay_out(digits(5), scale=SCALE)
    assert all((cell(picture, i, gap=0, columns=3) == 255).all() for i in range(5, 9))


@pytest.mark.parametrize("held", range(16))
def test_the_frame_takes_the_gap_and_no_pixel_of_a_sample(held: int):
    samples = digits()
    plain = sheet.lay_out(samples, scale=SCALE, gap=GAP).convert("RGB")
    laid_out = sheet.lay_out(samples, scale=SCALE, gap=GAP, held=held)
    assert (laid_out.mode, laid_out.size) == ("P", plain.size)  # 200 levels of grey and the frame's colour
    framed = laid_out.convert("RGB")
    changed = (np.asarray(framed) != np.asarray(plain)).any(axis=2)

    row, column = divmod(held, COLUMNS)
    expected = np.zeros((SIZE, SIZE), dtype=bool)
    expected[row * PITCH : (row + 1) * PITCH + GAP, column * PITCH : (column + 1) * PITCH + GAP] = True
    expected[row * PITCH + GAP : (row + 1) * PITCH, column * PITCH + GAP : (column + 1) * PITCH] = False
    assert np.array_equal(changed, expected)
    assert (np.asarray(framed)[expected] == sheet.ACCENT).all()
    for i, sample in enumerate(samples):
        assert np.array_equal(cell(framed, i)[..., 0], enlarged(sample))


def test_a_frame_beside_all_levels_of_grey_has_its_colour_too():
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16))
    framed = sheet.lay_out([ramp], gap=GAP, held=0)
    assert (framed.mode, framed.getpixel((0, 0))) == ("RGB", sheet.ACCENT)
    assert np.array_equal(np.asarray(framed)[GAP:-GAP, GAP:-GAP, 0], np.asarray(ramp))


def test_a_frame_in_a_sheet_of_colours_changes_none_of_them():
    sample = Image.new("RGB", (SIDE, SIDE), (1, 2, 3))
    framed = sheet.lay_out([sample], gap=GAP, held=0)
    assert framed.mode == "RGB"
    assert {colour for _, colour in framed.getcolors()} == {(1, 2, 3), sheet.ACCENT}


@pytest.mark.parametrize("i", range(16))
def test_a_click_on_the_middle_of_a_sample_finds_it(i: int):
    row, column = divmod(i, COLUMNS)
    middle = [GAP + at * PITCH + SIDE * SCALE // 2 for at in (column, row)]
    assert sheet.cell_at(middle, size=SIZE, columns=COLUMNS) == i


@pytest.mark.parametrize(("x", "y", "i"), [(0, 0, 0), (1, 0, 3), (0, 1, 12), (1, 1, 15)])
def test_a_click_on_a_corner_finds_the_sample_there(x: int, y: int, i: int):
    for far in (SIZE - 1, SIZE):  # some browsers count the last pixel as the size
        assert sheet.cell_at((x * far, y * far), size=SIZE, columns=COLUMNS) == i


@pytest.mark.parametrize(("width", "scale"), [(32, 4), (64, 2), (128, 1), (256, 1), (48, 2)])
def test_samples_of_every_size_fill_the_same_cell(width: int, scale: int):
    assert sheet.scale_to(Image.new("L", (width, width)), 128) == scale
