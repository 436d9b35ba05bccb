"""Any uploaded file gives an upright RGB picture on white, or an error in one clear sentence."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from media import images
from media.images import PictureError
from models import tensors
from models.style import masks
from tests.support import profiles

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def noise(width: int = 96, height: int = 64) -> Image.Image:
    levels = np.random.RandomState(0).randint(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(levels)


def read(raw: bytes, **options: int) -> Image.Image:
    return images.read(io.BytesIO(raw), **options)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (64, 32), left)
    picture.paste(right, (32, 0, 64, 32))
    return picture


SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'><circle r='9'/></svg>"

REFUSED = {
    "empty": (b"", "is empty"),
    "text": (b"Wheat Field with Cypresses", "not a picture"),
    "zip archive": (b"PK\x03\x04" + bytes(200), "not a picture"),
    "SVG": (SVG, "SVG drawing"),
    "SVG with a prologue": (b"\n <?xml version='1.0'?>" + SVG, "SVG drawing"),
    "signature of a PNG only": (b"\x89PNG\r\n\x1a\n", "not a picture"),
    "truncated JPEG": (encoded(noise(), "JPEG")[:-1500], "damaged or cut off"),
    "truncated PNG": (encoded(noise())[:-9000], "damaged or cut off"),
    "truncated GIF": (encoded(noise(), "GIF")[:-3000], "damaged or cut off"),
    "AVIF without its picture": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(64), "not a picture"),
    "DDS of an unknown kind": (b"DDS " + (124).to_bytes(4, "little") + bytes(120), "not a picture"),
    "1 × 1": (encoded(Image.new("RGB", (1, 1))), "1 × 1 pixels; each side needs at least 16"),
    "a thin line": (encoded(Image.new("RGB", (400, 15))), "400 × 15 pixels"),
    "just too many pixels": (encoded(Image.new("1", (8001, 8000))), "8,001 × 8,000 pixels; up to 64 megapixels"),
    "20,000 × 20,000": (encoded(Image.new("1", (20_000, 20_000))), "too many pixels; up to 64 megapixels"),
}


@pytest.mark.parametrize(("raw", "reason"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("options", [{}, {"max_side": 64}], ids=["whole", "scaled down"])
def test_an_unusable_file_is_refused_with_the_reason_and_the_remedy(raw: bytes, reason: str, options: dict[str, int]):
    with pytest.raises(PictureError, match=reason) as refusal:
        read(raw, **options)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.endswith(".")


def test_the_smallest_and_the_largest_picture_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 32)  # decoding the real limit takes seconds
    assert read(encoded(Image.new("RGB", (16, 16)))).size == (16, 16)
    assert read(encoded(halves(RED, BLUE))).size == (64, 32)
    with pytest.raises(PictureError, match="65 × 32 pixels"):
        read(encoded(Image.new("RGB", (65, 32))))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_good_picture_with_broken_exif_is_read_unrotated(kind: str):
    assert read(encoded(noise(), kind, exif=b"Exif\0\0no directory")).size == (96, 64)


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "HEIF"])
def test_each_supported_format_is_read(kind: str):
    picture = read(encoded(halves(RED, BLUE), kind))
    assert (picture.mode, picture.size) == ("RGB", (64, 32))
    assert np.allclose(picture.getpixel((8, 16)), RED, atol=6)
    assert np.allclose(picture.getpixel((56, 16)), BLUE, atol=6)


def test_a_path_reads_like_an_open_file(tmp_path: Path):
    path = tmp_path / "no-suffix"
    path.write_bytes(encoded(noise()))
    assert images.read(path) == images.read(str(path)) == read(path.read_bytes()) == noise()


@pytest.mark.parametrize("space", profiles.PRIMARIES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("options", [{}, {"max_side": 48}], ids=["whole", "scaled down"])
def test_colours_are_converted_to_srgb(kind: str, space: str, options: dict[str, int]):
    colour = (190, 110, 70)
    raw = encoded(Image.new("RGB", (64, 32), colour), kind, icc_profile=profiles.profile(space), quality=95)
    assert np.allclose(read(raw, **options).getpixel((8, 8)), profiles.in_srgb(colour, space), atol=4)
    assert not np.allclose(colour, profiles.in_srgb(colour, space), atol=8)


def test_transparent_and_paletted_pictures_are_converted_to_srgb_too():
    colour, profile = (190, 110, 70), profiles.profile("Adobe RGB")
    expected = profiles.in_srgb(colour, "Adobe RGB")
    layer = Image.new("RGBA", (32, 32), (*colour, 255))
    layer.paste((0, 0, 0, 0), (16, 0, 32, 32))
    decoded = read(encoded(layer, icc_profile=profile))
    assert np.allclose(decoded.getpixel((8, 8)), expected, atol=2)
    assert decoded.getpixel((24, 8)) == images.WHITE
    few = Image.new("RGB", (32, 32), colour).quantize(4)
    assert np.allclose(read(encoded(few, icc_profile=profile)).getpixel((8, 8)), expected, atol=2)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_picture_with_a_broken_or_unfitting_profile_keeps_its_pixels(mode: str):
    plain = read(encoded(Image.new(mode, (32, 32), "grey"), "TIFF"))
    assert read(encoded(Image.new(mode, (32, 32), "grey"), "TIFF", icc_profile=b"no profile")) == plain
    if mode != "RGB":
        assert (
            read(encoded(Image.new(mode, (32, 32), "grey"), "TIFF", icc_profile=profiles.profile("Adobe RGB"))) == plain
        )


def test_a_photograph_of_a_phone_is_read_whatever_its_name(tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(encoded(halves(RED, BLUE), "HEIF", exif=exif.tobytes()))
    picture = images.read(path)
    assert picture.size == (32, 64)
    assert np.allclose(picture.getpixel((16, 8)), RED, atol=6)


def disc(mode: str, inside: object, outside: object) -> Image.Image:
    picture = Image.new(mode, (32, 32), outside)
    ImageDraw.Draw(picture).ellipse((8, 8, 24, 24), fill=inside)
    return picture


MASKS = {
    "white on black": disc("RGB", "white", "black"),
    "white on transparent": disc("RGBA", (255, 255, 255, 255), (255, 255, 255, 0)),
    "ink of the page": disc("RGBA", (232, 102, 61, 255), (0, 0, 0, 0)),
    "a dark cut-out": disc("RGBA", (0, 0, 0, 255), (90, 90, 90, 0)),
    "white on black, with alpha that hides nothing": disc("RGBA", (255, 255, 255, 255), (0, 0, 0, 255)),
    "grey with alpha": disc("LA", (255, 255), (255, 0)),
    "one bit": disc("1", 1, 0),
}


@pytest.mark.parametrize("picture", MASKS.values(), ids=MASKS)
def test_a_mask_means_what_it_shows(picture: Image.Image):
    mask = masks.from_picture(images.read_mask(io.BytesIO(encoded(picture))))[0, 0]
    assert (float(mask[16, 16]), float(mask[2, 2])) == (1, 0)
    torch.testing.assert_close(masks.from_picture(picture)[0, 0], mask)


def test_cmyk_keeps_its_colours():
    picture = read(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95))
    assert picture.mode == "RGB"
    red, green, blue = picture.getpixel((16, 16))
    assert red > 200
    assert max(green, blue) < 60


def test_a_transparent_palette_colour_becomes_white():
    picture = Image.new("P", (32, 32), 0)
    picture.putpalette([*RED, *GREEN])
    picture.paste(1, (16, 0, 32, 32))
    decoded = read(encoded(picture, transparency=0))
    assert decoded.getpixel((4, 16)) == images.WHITE
    assert decoded.getpixel((24, 16)) == GREEN


def test_half_transparent_pixels_are_blended_with_white():
    decoded = read(encoded(Image.new("RGBA", (16, 16), (0, 0, 0, 128))))
    assert decoded.getpixel((8, 8)) == (127, 127, 127)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut_off(kind: str):
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (32, 1))
    levels = np.asarray(read(encoded(Image.fromarray(ramp), kind)))[0, :, 0]
    assert (levels[0], levels[-1]) == (0, 255)
    assert np.allclose(levels, np.linspace(0, 255, 64), atol=1)


@pytest.mark.parametrize("level", [1, 200, 256])
def test_a_dark_picture_of_sixteen_bits_stays_dark(level: int):
    picture = Image.fromarray(np.full((16, 16), level, dtype=np.uint16))
    assert max(read(encoded(picture)).getpixel((8, 8))) <= 1


def test_sixteen_bits_a_channel_keep_their_colours():
    row = b"\0" + np.array([65535, 32768, 0] * 16, dtype=">u2").tobytes()  # no filter, then R, G, B of 16 pixels
    parts = [
        (b"IHDR", struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * 16)),
        (b"IEND", b""),
    ]
    chunks = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    ]
    assert read(b"\x89PNG\r\n\x1a\n" + b"".join(chunks)).getpixel((8, 8)) == (255, 128, 0)


def test_floating_point_levels_span_the_unit_interval():
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1))
    levels = np.asarray(read(encoded(Image.fromarray(ramp), "TIFF")))[0, :, 0]
    assert np.allclose(levels, np.linspace(0, 255, 64), atol=1)


@pytest.mark.parametrize("options", [{}, {"max_side": 48}], ids=["whole", "scaled down"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_rotated_by_its_exif_orientation(kind: str, options: dict[str, int]):
    exif = Image.Exif()
    exif[0x0112] = 6  # held on its side: show it a quarter turn clockwise
    picture = read(encoded(halves(RED, BLUE), kind, exif=exif), **options)
    assert picture.height == 2 * picture.width
    assert np.allclose(picture.getpixel((picture.width // 2, 4)), RED, atol=40)
    assert np.allclose(picture.getpixel((picture.width // 2, picture.height - 4)), BLUE, atol=40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("options", [{}, {"max_side": 48}], ids=["whole", "scaled down"])
def test_metadata_about_the_author_is_removed(kind: str, options: dict[str, int]):
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    text = PngInfo()
    text.add_text("Author", "a name")
    decoded = read(encoded(noise(), kind, exif=exif, pnginfo=text, comment=b"a place"), **options)
    assert not decoded.getexif()
    assert decoded.info == {}


@pytest.mark.filterwarnings("error")
def test_a_size_that_pillow_warns_of_is_refused_without_a_warning():
    with pytest.raises(PictureError, match="12,000 × 10,000 pixels; up to 64 megapixels"):
        read(encoded(Image.new("1", (12_000, 10_000))))


def test_an_animation_shows_its_first_frame():
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, GREEN, BLUE)]
    raw = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50)
    assert read(raw).getpixel((16, 16)) == RED


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    ("size", "expected"), [((600, 400), (120, 80)), ((401, 1203), (40, 120)), ((90, 40), (90, 40))]
)
def test_the_longer_side_is_limited_and_a_smaller_picture_stays_as_it_is(
    kind: str, size: tuple[int, int], expected: tuple[int, int]
):
    assert read(encoded(Image.new("RGB", size, GREEN), kind), max_side=120).size == expected


def test_a_long_strip_keeps_enough_pixels_to_be_encoded():
    assert images.fit(Image.new("RGB", (4000, 20)), 384).size == (384, images.MIN_SIDE)


def test_a_picture_is_the_same_after_a_tensor_and_back():
    picture = noise()
    pixels = tensors.to_tensor(picture)
    assert (pixels.shape, pixels.dtype) == ((1, 3, 64, 96), torch.float32)
    assert (float(pixels.min()), float(pixels.max())) == (0.0, 1.0)
    assert tensors.to_picture(pixels) == picture


def test_values_outside_the_unit_interval_are_clamped():
    pixels = torch.tensor([-0.5, 0.5, 1.5]).expand(1, 3, 3)[:, :, None, :]  # (1, 3, 1, 3)
    assert np.asarray(tensors.to_picture(pixels))[0, :, 0].tolist() == [0, 128, 255]
