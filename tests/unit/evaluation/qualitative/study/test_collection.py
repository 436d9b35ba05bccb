"""What an author brings is read in place and believed in nothing: each fault is one clear sentence."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from evaluation.qualitative.study import collection, reading
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.collection import Collection

TWO_FOLDERS = """
title = "Mine"
question = "Which?"
side = 64
[[arms]]
id = "a"
title = "A"
kind = "pictures"
path = "ours.zip"
[[arms]]
id = "b"
title = "B"
kind = "pictures"
path = "theirs"
"""


def png(level: int = 0, side: int = 32) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (side, side), (level, 0, 0)).save(encoded, "PNG")
    return encoded.getvalue()


def pack(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_folder_and_an_archive_of_it_hold_the_same(tmp_path: Path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    files = {"one.png": png(1), "two.PNG": png(2)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / ".DS_Store").write_bytes(b"x")
    zipped = pack(tmp_path / "ours.zip", {"__MACOSX/._one.png": b"x", **{f"sub/{name}": files[name] for name in files}})

    for held in (Collection(folder, "f"), Collection(zipped, "z")):
        assert held.stems == ["one", "two"]
        assert held.picture("two").getpixel((0, 0)) == (2, 0, 0)


def test_an_archive_of_powershell_5_is_read_as_folders(tmp_path: Path):
    held = Collection(pack(tmp_path / "z.zip", {"theirs\\one.png": png(1)}), "z")

    assert held.stems == ["one"]
    assert held.picture("one").getpixel((0, 0)) == (1, 0, 0)


def test_a_backslash_in_the_name_of_a_file_of_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "a\\b.png").write_bytes(png())

    with pytest.raises(StudyError, match=r"has control characters or a backslash in its name"):
        Collection(tmp_path, "f")


@pytest.mark.parametrize("stored", ["K\u00f6ln", "Ko\u0308ln"], ids=["NFC", "NFD"])
@pytest.mark.parametrize("requested", ["K\u00f6ln", "Ko\u0308ln"], ids=["NFC", "NFD"])
def test_an_accented_name_is_found_in_either_unicode_form(tmp_path: Path, stored: str, requested: str):
    folder = tmp_path / stored
    folder.mkdir()
    (folder / f"{stored}.png").write_bytes(png(1))
    zipped = Collection(pack(tmp_path / "z.zip", {f"{stored}.png": png(1)}), "z")

    for held in (collection.find(tmp_path, requested), zipped):
        assert held.stems == ["K\u00f6ln"]
        assert held.picture(requested).getpixel((0, 0)) == (1, 0, 0)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"../evil.png": png()}, r"z: The zip holds a file named '\.\./evil\.png', which points outside of it\."),
        ({"/etc/evil.png": png()}, r"which points outside of it\."),
        ({"a\\..\\evil.png": png()}, r"which points outside of it\."),
        ({"C:evil.png": png()}, r"which points outside of it\."),
        ({"run.sh": b"#!"}, r"z: 'run\.sh' is no picture"),
        ({"a/one.png": png(), "b/one.jpg": png()}, r"'a/one\.png' and 'b/one\.jpg' share one name"),
        ({}, r"z: The zip holds no files\. Put pictures into it\."),
        ({f"{i}.png": b"" for i in range(10_001)}, r"z: The zip holds 10,001 files; up to 10,000 are allowed\."),
    ],
)
def test_an_archive_with_anything_but_pictures_is_refused(tmp_path: Path, files: dict[str, bytes], message: str):
    with pytest.raises(StudyError, match=message):
        Collection(pack(tmp_path / "z.zip", files), "z")


def test_an_archive_that_would_unpack_to_too_much_is_refused_unopened(tmp_path: Path):
    bomb = pack(tmp_path / "z.zip", {"bomb.png": bytes(40 * 2**20)}, zipfile.ZIP_DEFLATED)
    assert bomb.stat().st_size < 2**20

    with pytest.raises(StudyError, match=r"z: 'bomb\.png' unpacks to 42 MB; up to 34 MB are allowed\."):
        Collection(bomb, "z")


def test_an_archive_that_understates_a_size_is_not_read_beyond_it(tmp_path: Path):
    bomb = pack(tmp_path / "z.zip", {"bomb.png": bytes(40 * 2**20)}, zipfile.ZIP_DEFLATED)
    lying = bomb.read_bytes().replace(struct.pack("<I", 40 * 2**20), struct.pack("<I", 100))
    bomb.write_bytes(lying)

    with pytest.raises(StudyError, match=r"z: 'bomb\.png' is damaged in the zip"):
        Collection(bomb, "z").picture("bomb")


def test_what_only_calls_itself_a_picture_is_refused_when_it_is_read(tmp_path: Path):
    held = Collection(pack(tmp_path / "z.zip", {"one.png": b"<html>"}), "z")

    with pytest.raises(StudyError, match=r"^z: one\.png: The file is not a picture that can be read\."):
        held.picture("one")


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04" + b"x" * 100, png()])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "z.zip").write_bytes(content)

    with pytest.raises(StudyError, match=r"z: The file is no zip archive, or is cut off\."):
        Collection(tmp_path / "z.zip", "z")


def test_every_damaged_byte_of_an_archive_is_one_sentence_or_harmless(tmp_path: Path):
    whole = pack(tmp_path / "z.zip", {"one.png": png()}, zipfile.ZIP_DEFLATED).read_bytes()
    refusals = []
    for at in range(len(whole)):
        (tmp_path / "z.zip").write_bytes(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])
        try:
            held = Collection(tmp_path / "z.zip", "z")
            assert held.picture(held.stems[0]).size == (32, 32)
        except StudyError as error:
            refusals.append(str(error))
    assert len(refusals) > len(whole) / 2
    assert not any("\n" in sentence for sentence in refusals)


def test_a_link_out_of_the_studys_folder_is_not_followed(tmp_path: Path):
    outside = tmp_path / "outside"
    (inside := tmp_path / "inside").mkdir()
    outside.mkdir()
    (outside / "secret.png").write_bytes(png())
    (inside / "way").symlink_to(outside)
    (inside / "folder").mkdir()
    (inside / "folder/secret.png").symlink_to(outside / "secret.png")

    with pytest.raises(StudyError, match="'way' leads out of the study's folder"):
        collection.find(inside, "way")
    with pytest.raises(StudyError, match="leads out of the study's folder"):
        collection.find(inside, "folder").raw("secret")
    with pytest.raises(StudyError, match="leads out of the study's folder"):
        collection.picture_path(inside, "way/secret.png")


def test_the_items_are_the_files_that_all_folders_hold(tmp_path: Path):
    pack(tmp_path / "ours.zip", {"both.png": png(), "ours only.png": png(), "too.png": png()})
    (tmp_path / "theirs").mkdir()
    for name in ("both.jpg", "theirs.png", "too.png"):
        (tmp_path / "theirs" / name).write_bytes(png())

    read = reading.parse(TWO_FOLDERS, "mine", tmp_path)
    assert (read.items.kind, read.items.ids) == ("files", ["both", "too"])

    with pytest.raises(StudyError, match=r"line 9: path of arm 1: lacks the picture 'theirs'"):
        reading.parse(TWO_FOLDERS + '[items]\nfiles = ["theirs"]\n', "mine", tmp_path)
    with pytest.raises(StudyError, match=r"line 9: path of arm 1: holds 3 pictures, a sheet has 16"):
        reading.parse(TWO_FOLDERS + "[items]\nseeds = 3\n", "mine", tmp_path)


def test_pictures_that_did_not_come_along_are_missed_by_name(tmp_path: Path):
    with pytest.raises(StudyError, match=r"line 9: path of arm 1: names 'ours\.zip', but no pictures came with"):
        reading.parse(TWO_FOLDERS, "mine")
    with pytest.raises(StudyError, match=r"line 9: path of arm 1: there is no folder or archive 'ours\.zip' beside"):
        reading.parse(TWO_FOLDERS, "mine", tmp_path)
    pack(tmp_path / "ours.zip", {"a.png": png()})
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/b.png").write_bytes(png())
    with pytest.raises(StudyError, match=r"the arms' folders have no file name in common"):
        reading.parse(TWO_FOLDERS, "mine", tmp_path)
