"""The archive of painted eyes is what the table of squares cuts out of the paintings."""

import io
import tomllib
import zipfile

from PIL import Image

from training import import_painted_eyes


def test_the_shipped_archive_holds_the_eyes_of_the_table():
    expected = list(import_painted_eyes.cut_out())

    with zipfile.ZipFile(import_painted_eyes.ARCHIVE) as archive:
        shipped = [Image.open(io.BytesIO(archive.read(name))) for name in sorted(archive.namelist())]

    assert [eye.tobytes() for eye in shipped] == [eye.tobytes() for eye in expected]
    assert len({eye.tobytes() for eye in shipped}) == len(shipped) >= 48  # as many as the study has items


def test_every_square_is_a_square_and_every_painting_has_its_credit():
    for painting in tomllib.loads(import_painted_eyes.TABLE.read_text(encoding="utf-8"))["paintings"]:
        assert painting["title"]
        assert painting["artist"]
        for left, top, right, bottom in painting["squares"]:
            assert right - left == bottom - top >= 16
