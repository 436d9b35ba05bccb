"""A painted file says that a machine made it, and how."""

from pathlib import Path
from xml.etree import ElementTree

from PIL import Image

from demos import provenance
from demos.files import saved


def test_a_painted_file_is_marked_as_machine_made_and_keeps_its_settings():
    settings = {"strength": 0.8, "side": 384, "colours": "photo"}

    path = Path(saved(Image.new("RGB", (20, 20), "teal"), name="marked", notes=provenance.notes(settings)))

    read = Image.open(path)
    assert "compositeWithTrainedAlgorithmicMedia" in read.info["xmp"].decode()
    assert read.info["Description"] == provenance.MADE
    assert provenance.settings_of(read) == {"strength": "0.8", "side": "384", "colours": "photo"}


def test_a_name_with_quotes_and_ampersands_leaves_the_packet_well_formed():
    path = saved(Image.new("RGB", (20, 20)), name="marked", notes=provenance.notes({"painting": 'a "b" & <c>'}))

    read = Image.open(path)
    assert ElementTree.fromstring(read.info["xmp"]).tag.endswith("xmpmeta")
    assert provenance.settings_of(read)["painting"] == 'a "b" & <c>'


def test_a_picture_without_notes_has_no_settings():
    assert provenance.settings_of(Image.new("RGB", (20, 20))) == {}
