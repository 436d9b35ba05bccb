"""What a file says about itself, and what is left of it after what happens to pictures on the web."""

import io
from pathlib import Path

import pytest
from PIL import Image

from assets import samples
from media import attacks, claims, images, provenance
from media.attacks import PictureFile
from media.images import PictureError


@pytest.fixture(scope="module")
def ours() -> PictureFile:
    photo = images.read(samples.photos()[0].path, max_side=512)
    return PictureFile(provenance.png(photo, {"strength": 1}))


def layers(file: PictureFile) -> tuple[bool, str, bool]:
    read = claims.of_ours(file)
    return read.by_machine, read.credentials.state, read.mark.present


@pytest.mark.parametrize(
    ("attack", "left"),
    [
        (attacks.untouched, (True, "valid", True)),
        (attacks.jpeg, (False, "none", True)),
        (attacks.half_and_jpeg, (False, "none", True)),
        (attacks.screenshot, (False, "none", True)),
        (attacks.retouched, (True, "mismatch", True)),
        (attacks.relabelled, (False, "mismatch", True)),
        (attacks.cropped, (False, "none", False)),
        (attacks.tilted, (False, "none", False)),
        (attacks.framed_screenshot, (False, "none", False)),
    ],
)
def test_each_attack_leaves_its_layers(ours: PictureFile, attack: attacks.Attack, left: tuple[bool, str, bool]):
    assert layers(attack(ours)) == left


def test_a_relabelled_file_is_a_whole_png_that_lies(ours: PictureFile):
    forged = attacks.relabelled(ours)
    assert forged.opened().tobytes() == ours.opened().tobytes()
    assert claims.of_ours(forged).source == provenance.CAMERA
    assert claims.of_ours(forged).by_camera


def test_a_stranger_file_is_read_the_same_way(ours: PictureFile, tmp_path: Path):
    path = tmp_path / "download.png"
    path.write_bytes(ours.content)

    read = claims.of_stranger(path)

    assert (read.by_machine, read.credentials.state, read.mark.present) == (True, "valid", True)
    assert read.credentials.ours
    assert read.notes["CreatorTool"] == "Just Look"


def test_notes_of_other_programs_are_repeated_in_short(tmp_path: Path):
    text = Image.new("RGB", (64, 64), "teal")
    exif = Image.Exif()
    exif[0x0131] = "Some editor " + "x" * 1000
    text.save(tmp_path / "photo.jpg", exif=exif)

    notes = claims.of_stranger(tmp_path / "photo.jpg").notes

    assert notes["Software"].startswith("Some editor")
    assert len(notes["Software"]) <= provenance.MAX_NOTE


def test_the_xmp_of_a_jpeg_counts_too(tmp_path: Path):
    packet = provenance.PACKET.replace("SOURCE", provenance.GENERATED).encode()
    Image.new("RGB", (64, 64), "teal").save(tmp_path / "photo.jpg", xmp=packet)
    assert claims.of_stranger(tmp_path / "photo.jpg").source == provenance.GENERATED


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused_in_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(PictureError, match=r"\.$"):
        claims.of_stranger(tmp_path / "file")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(claims, "LARGEST", 10)
    content = io.BytesIO()
    Image.new("L", (32, 32)).save(content, "PNG")
    (tmp_path / "huge.png").write_bytes(content.getvalue())
    with pytest.raises(PictureError, match="can be checked"):
        claims.of_stranger(tmp_path / "huge.png")
