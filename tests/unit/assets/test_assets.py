"""The bundled pictures are the files that pictures.toml records, made from the packages that it names."""

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assets.samples import ASSETS
from evaluation.qualitative.study.folders import SHIPPED
from media import images
from training import import_pictures
from training.data import packages
from training.import_pictures import PER_CLASS

LISTED = [entry for kind in tomllib.loads((ASSETS / "pictures.toml").read_text()).values() for entry in kind]
each = pytest.mark.parametrize("entry", LISTED, ids=lambda entry: Path(entry["file"]).stem)


@each
def test_a_picture_is_the_recorded_file(entry: dict[str, str]):
    assert hashlib.sha256((ASSETS / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@each
def test_a_picture_names_a_pinned_package_as_its_origin(entry: dict[str, str]):
    assert entry["package"] in {f"{package.name}=={package.version}" for package in packages.PICTURES}


def test_there_are_upright_wide_and_square_photographs():
    sizes = [images.read(ASSETS / entry["file"]).size for entry in LISTED if entry["file"].startswith("photos/")]
    assert {np.sign(width - height) for width, height in sizes} == {-1, 0, 1}


def test_a_picture_is_cropped_scaled_down_and_stripped(tmp_path: Path):
    source = Image.new("RGB", (4000, 2250), "black")
    source.paste("red", (250, 125, 3450, 1725))
    exif = Image.Exif()
    exif[0x010F] = "a camera"
    source.save(tmp_path / "source.jpg", quality=95, exif=exif, comment=b"a place")
    target = tmp_path / "photos" / "red.jpg"
    import_pictures._write(tmp_path / "source.jpg", target, crop=[250, 125, 3450, 1725])
    with Image.open(target) as made, Image.open(target.parent / "thumbnails" / "red.jpg") as thumbnail:
        assert made.size == (1600, 800)
        assert np.allclose(np.asarray(made), (255, 0, 0), atol=40)
        assert not made.getexif()
        assert "comment" not in made.info
        assert thumbnail.size == (200, 200)
    import_pictures._write(tmp_path / "source.jpg", target, crop=None, side=1280)
    assert max(images.read(target).size) == 1280


def test_the_sheet_of_digits_has_its_cells_apart_and_all_different():
    with Image.open(SHIPPED / "mnist-digits.png") as sheet:
        assert (sheet.mode, sheet.size) == ("L", (640, 640))
        cells = np.asarray(sheet).reshape(20, 32, 20, 32).swapaxes(1, 2).reshape(-1, 32, 32)
    assert len({cell.tobytes() for cell in cells}) == len(cells) == 10 * PER_CLASS
    assert cells[:, 4:28, 4:28].max(axis=(1, 2)).min() > 200  # ink in each
    assert cells[:, [0, 1, 30, 31]].max() == cells[:, :, [0, 1, 30, 31]].max() == 0  # padded from 28 pixels
