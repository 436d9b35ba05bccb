"""The sample pictures of the page exist, are small, and have credits and descriptions."""

import itertools
from pathlib import Path

import pytest
from PIL import Image

from assets import samples
from assets.samples import ASSETS, Sample

EVERY = [*samples.every_photo(), *samples.paintings()]
MAX_SIDE, MAX_BYTES = 1600, 350_000
each = pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.name)


def opened(path: str) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
        return picture


def test_both_galleries_offer_a_choice():
    assert len(samples.photos()) >= 3
    assert len(samples.paintings()) >= 6


def test_every_photo_on_the_page_is_larger_than_the_page_paints():
    assert min(max(opened(photo.path).size) for photo in samples.photos()) >= 1200


@pytest.mark.parametrize("name", ["pagoda", "cat", "astronaut", "coffee", "shuttle", "rocket", "hubble"])
def test_links_to_photos_that_the_page_no_longer_offers_find_them(name: str):
    assert name in {photo.name for photo in samples.every_photo()}
    assert name not in {photo.name for photo in samples.photos()}


@each
def test_a_picture_opens_and_is_small_enough_for_a_page(sample: Sample):
    picture = opened(sample.path)
    assert picture.mode == "RGB"
    assert 256 <= max(picture.size) <= MAX_SIDE
    assert Path(sample.path).stat().st_size < MAX_BYTES


@each
def test_a_thumbnail_is_a_small_square_of_it(sample: Sample):
    picture = opened(sample.thumbnail)
    assert picture.width == picture.height <= 200
    assert Path(sample.thumbnail).stat().st_size < 20_000


@each
def test_no_picture_carries_hidden_metadata(sample: Sample):
    for path in (sample.path, sample.thumbnail):
        picture = opened(path)
        assert not picture.getexif()
        assert not {"exif", "icc_profile", "comment", "photoshop", "xmp"} & picture.info.keys()


@each
def test_a_picture_is_credited_and_described(sample: Sample):
    assert all(text == text.strip() != "" for text in (sample.title, sample.author, sample.licence, sample.alt))
    assert sample.alt not in (sample.title, sample.credit)
    assert 20 <= len(sample.alt) <= 150
    assert sample.licence in ("public domain", "CC0", "CC BY 2.0", "CC BY 4.0")
    assert sample.credit.startswith(f"{sample.title}, {sample.author}, ")
    assert sample.credit.endswith(f", {sample.licence}")


@pytest.mark.parametrize("attribute", ["file", "name", "title", "alt"])
def test_no_two_pictures_share_a(attribute: str):
    shared = [getattr(sample, attribute) for sample in EVERY]
    assert len(set(shared)) == len(shared)


def test_every_file_in_the_folder_is_listed():
    listed = {Path(path) for sample in EVERY for path in (sample.path, sample.thumbnail)}
    files = set(itertools.chain.from_iterable((ASSETS / kind).rglob("*.*") for kind in ("photos", "paintings")))
    assert files == listed
