"""The invisible mark: read back without the original, invisible, and honest about what it can't be carried by."""

import io

import numpy as np
import pytest
from PIL import Image

from assets import samples
from media import images, watermark

# Large squares, black or white, as in an enlarged sheet of digits: their edges drown the mark.
BLOCKS = Image.fromarray(
    np.kron(np.random.default_rng(0).integers(0, 2, (32, 32)) * 255, np.ones((16, 16))).astype("u1")
)


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return images.read(samples.photos()[0].path, max_side=768)


@pytest.fixture(scope="module")
def marked(photo: Image.Image) -> Image.Image:
    return watermark.embedded(photo)


def psnr(marked: Image.Image, picture: Image.Image) -> float:
    difference = np.asarray(marked, dtype=float) - np.asarray(picture, dtype=float)
    return 10 * np.log10(255**2 / np.mean(difference**2))


def as_jpeg(picture: Image.Image, quality: int) -> Image.Image:
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=quality)
    return Image.open(io.BytesIO(content.getvalue()))


def test_it_is_there_and_not_seen(photo: Image.Image, marked: Image.Image):
    assert not watermark.read(photo).present
    assert watermark.read(marked).present
    assert psnr(marked, photo) >= 40


def test_it_survives_half_the_size_and_a_jpeg(marked: Image.Image):
    half = marked.resize((marked.width // 2, marked.height // 2), Image.Resampling.BICUBIC)
    assert watermark.read(as_jpeg(half, 75)).present


def test_it_is_lost_in_a_crop_and_a_turn(marked: Image.Image):
    width, height = marked.size
    assert not watermark.read(marked.crop((width // 8, height // 8, width * 7 // 8, height * 7 // 8))).present
    assert not watermark.read(marked.rotate(3)).present


def test_the_same_picture_gets_the_same_mark(photo: Image.Image, marked: Image.Image):
    assert watermark.embedded(photo).tobytes() == marked.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGBA"])
def test_a_mode_stays_and_so_does_transparency(photo: Image.Image, mode: str):
    picture = photo.convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize(photo.size))
    result = watermark.embedded(picture)
    assert (result.mode, result.size) == (mode, photo.size)
    assert watermark.read(result).present
    if mode == "RGBA":
        assert result.getchannel("A").tobytes() == picture.getchannel("A").tobytes()


def test_a_picture_with_a_palette_gets_the_mark_of_its_colours(photo: Image.Image):
    few = photo.quantize(64)
    assert watermark.read(few) == watermark.read(few.convert("RGB"))
    assert watermark.embedded(few).tobytes() == watermark.embedded(few.convert("RGB")).tobytes()
    drawn = BLOCKS.quantize(64)
    assert watermark.embedded(drawn) is drawn


@pytest.mark.parametrize(
    "picture",
    [Image.effect_noise((255, 400), 60), BLOCKS, Image.new("1", (400, 400))],
    ids=["too small", "hard edges", "two colours"],
)
def test_a_picture_that_cannot_carry_it_stays_as_it_is(picture: Image.Image):
    assert watermark.embedded(picture) is picture


def test_the_bare_pattern_is_read_at_least_as_well_as_one_that_hides_in_busy_places(photo: Image.Image):
    # why a picture in which the bare pattern is not read is given up before the other one is made
    for picture in (photo, BLOCKS, photo.resize((256, 256)), Image.effect_noise((400, 400), 60)):
        small = watermark._small(picture)
        strength = watermark._strength
        scores = [
            watermark._score(np.clip(small + pattern * strength(pattern, watermark.QUALITY[0]), 0, 255))
            for pattern in (watermark._waves(), watermark._waves() * watermark._gain(small))
        ]
        assert scores[0] >= scores[1]


def test_pictures_of_one_colour_raise_no_alarm():
    for level in (0, 128, 255):
        assert watermark.read(Image.new("L", (300, 300), level)).score == pytest.approx(0, abs=watermark.THRESHOLD)
