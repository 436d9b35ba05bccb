"""The stored pictures of the wall are the files that wall.toml records, one for each pair, and small."""

import hashlib
from pathlib import Path

from PIL import Image

from assets import samples, wall

PAIRS = [(photo.name, painting.name) for photo in samples.photos() for painting in samples.paintings()]
MAX_BYTES = 700_000


def test_each_photo_is_stored_in_each_painting():
    assert [(photo, painting) for photo, row in wall.pictures().items() for painting in row] == PAIRS


def test_each_picture_is_the_recorded_file():
    for row in wall.pictures().values():
        for stored in row.values():
            assert hashlib.sha256(Path(stored.path).read_bytes()).hexdigest() == stored.sha256
            with Image.open(stored.path) as picture:
                assert picture.size == (stored.width, stored.height)


def test_the_folder_holds_nothing_else_and_is_small():
    listed = {Path(stored.path) for row in wall.pictures().values() for stored in row.values()}
    assert set(wall.FOLDER.iterdir()) == listed
    assert sum(path.stat().st_size for path in listed) <= MAX_BYTES
