"""The stored pictures of the wall are the files that wall.toml records, one for each pair, and small."""

import hashlib
from pathlib import Path

from PIL import Image

from assets import samples, wall

PAIRS = [(photo.name, painting.name) for photo in samples.every_photo() for painting in samples.paintings()]
MAX_BYTES, FIRST_SIGHT = 2_400_000, 400_000


def test_each_photo_is_stored_in_each_painting():
    assert [(photo, painting) for photo, row in wall.pictures().items() for painting in row] == PAIRS


def test_each_picture_is_the_recorded_file():
    for row in (*wall.pictures().values(), wall.photos()):
        for stored in row.values():
            assert hashlib.sha256(Path(stored.path).read_bytes()).hexdigest() == stored.sha256
            with Image.open(stored.path) as picture:
                assert picture.size == (stored.width, stored.height)


def test_the_folder_holds_nothing_else_and_is_small():
    rows = (*wall.pictures().values(), wall.photos())
    listed = {Path(stored.path) for row in rows for stored in row.values()}
    assert set(wall.FOLDER.iterdir()) == listed
    assert sum(path.stat().st_size for path in listed) <= MAX_BYTES


def test_the_first_sight_is_sharp_and_small():
    name = samples.photos()[0].name
    row = [wall.photos()[name], *wall.pictures()[name].values()]
    assert min(max(stored.width, stored.height) for stored in row) >= 700  # two screen pixels for each of a wide cell
    assert sum(Path(stored.path).stat().st_size for stored in row) <= FIRST_SIGHT
