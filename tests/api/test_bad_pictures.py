"""Whatever is uploaded, the API answers with one sentence and keeps serving."""

import io
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

GOOD = "assets/photos/coffee.jpg"


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int = 64, height: int = 48) -> Image.Image:
    return Image.fromarray(np.random.RandomState(0).randint(0, 256, (height, width, 3), dtype=np.uint8))


def rotated() -> bytes:
    exif = Image.Exif()
    exif[274] = 6
    return encoded(noise(), "JPEG", exif=exif)


def restyle(client: Client, path: Path) -> tuple[str, str]:
    return client.predict(handle_file(path), handle_file(GOOD), 1.0, 256, api_name="/restyle")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.jpg", b"this is no picture", "not a picture that can be read"),
        ("empty.png", b"", "empty|no picture"),
        ("torn.jpg", encoded(noise(300, 300), "JPEG")[:4000], "damaged or cut off"),
        ("dot.png", encoded(Image.new("RGB", (1, 1)), "PNG"), "at least 16"),
        ("huge.png", encoded(Image.new("1", (20_000, 20_000)), "PNG"), "megapixels"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    ],
)
def test_a_file_that_cannot_be_painted_gets_one_sentence(
    client: Client, tmp_path: Path, name: str, content: bytes, sentence: str
):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(AppError, match=sentence) as refused:
        restyle(client, path)

    assert "Traceback" not in str(refused.value)
    assert len(str(refused.value)) < 160
    assert client.predict(7, 6, 1, api_name="/sample")  # still serving


@pytest.mark.parametrize(
    ("name", "content", "size"),
    [
        ("cmyk.jpg", encoded(noise().convert("CMYK"), "JPEG"), (64, 48)),
        ("palette.png", encoded(noise().convert("P"), "PNG", transparency=0), (64, 48)),
        ("deep.png", encoded(Image.fromarray(np.full((48, 64), 40_000, np.uint16)), "PNG"), (64, 48)),
        ("turned.jpg", rotated(), (48, 64)),
        ("moving.gif", encoded(noise(), "GIF", save_all=True, append_images=[noise().rotate(90)]), (64, 48)),
    ],
)
def test_an_unusual_picture_is_painted(
    client: Client, tmp_path: Path, name: str, content: bytes, size: tuple[int, int]
):
    path = tmp_path / name
    path.write_bytes(content)

    before, after = restyle(client, path)

    assert Image.open(before).size == Image.open(after).size == size
    assert Image.open(after).format == "PNG"


def test_no_picture_at_all_gets_one_sentence(client: Client):
    with pytest.raises(AppError, match="Choose a photo and a painting first"):
        client.predict(None, handle_file(GOOD), 1.0, 256, api_name="/restyle")


@pytest.mark.parametrize("strength", [-0.1, 1.1, "strong", None])
def test_a_strength_outside_the_slider_is_refused(client: Client, strength: object):
    with pytest.raises(AppError, match="Style strength must be a number from 0 to 1"):
        client.predict(handle_file(GOOD), handle_file(GOOD), strength, 256, api_name="/restyle")


@pytest.mark.parametrize("side", [1_000_000, "wide", 0])
def test_a_size_that_is_not_offered_is_refused(client: Client, side: object):
    with pytest.raises(AppError, match="not in the list of choices"):
        client.predict(handle_file(GOOD), handle_file(GOOD), 1.0, side, api_name="/restyle")
