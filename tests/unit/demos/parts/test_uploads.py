"""What a browser can't show gets a copy that it can; everything else stays the file that was sent."""

from pathlib import Path

import pytest
from PIL import Image

from demos.parts.uploads import showable
from media import images

PICTURE = Image.linear_gradient("L").convert("RGB")


@pytest.mark.parametrize("name", ["photo.tif", "photo.heic", "photo.jpg"])
def test_a_file_that_browsers_do_not_show_is_copied_as_jpeg(tmp_path: Path, name: str):
    source = tmp_path / name
    PICTURE.save(source, "HEIF" if name.endswith("heic") else "TIFF")  # the third is not what its name says

    copy = showable(str(source), max_side=512)

    with Image.open(copy) as opened:
        assert (opened.format, opened.size) == ("JPEG", PICTURE.size)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_a_file_that_browsers_show_stays_as_it_is(tmp_path: Path, kind: str):
    source = tmp_path / "photo"
    PICTURE.save(source, kind)

    assert showable(str(source), max_side=512) == str(source)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path):
    source = tmp_path / "photo.tif"
    source.write_text("no picture")

    with pytest.raises(images.PictureError):
        showable(str(source), max_side=512)
