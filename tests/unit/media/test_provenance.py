"""The note in a PNG: machine-made, with its settings."""

import io
from xml.etree import ElementTree

import pytest
from PIL import Image

from assets import samples
from media import images, provenance

PICTURE = Image.new("RGB", (32, 20), "teal")


def test_a_marked_picture_has_its_source_type_and_settings():
    raw = provenance.png(PICTURE, {"strength": 0.5, "note": "größer"})
    assert provenance.source_type(io.BytesIO(raw)) == provenance.COMPOSITE
    assert provenance.settings(io.BytesIO(raw)) == {"strength": 0.5, "note": "größer"}
    assert images.read(io.BytesIO(raw)).tobytes() == PICTURE.tobytes()


def test_the_mark_is_the_xmp_that_other_programs_read():
    with Image.open(io.BytesIO(provenance.png(PICTURE, {}))) as opened:
        packet = ElementTree.fromstring(opened.info["XML:com.adobe.xmp"])
    described = packet.find(".//{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
    assert described is not None
    assert described.get("{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType") == provenance.COMPOSITE


@pytest.mark.parametrize("raw", [b"", b"text", b"\x89PNG\r\n\x1a\n"])
def test_a_file_without_the_note_is_no_error(raw: bytes):
    assert provenance.source_type(io.BytesIO(raw)) is None
    assert provenance.settings(io.BytesIO(raw)) is None


def test_an_unmarked_picture_has_no_source_type_or_settings():
    file = io.BytesIO()
    PICTURE.save(file, "PNG")
    assert provenance.source_type(io.BytesIO(file.getvalue())) is None
    assert provenance.settings(io.BytesIO(file.getvalue())) is None


def test_an_edited_photo_says_so_and_carries_no_mark_of_a_machine():
    photo = images.read(samples.photos()[0].path, max_side=512)

    content = provenance.png(photo, {"steps": []}, source=provenance.EDITED)

    assert provenance.source_type(io.BytesIO(content)) == provenance.EDITED
    assert Image.open(io.BytesIO(content)).tobytes() == photo.tobytes()
