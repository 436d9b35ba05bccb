"""A hostile zip is refused with one clear sentence; a good one is read file by file."""

import io
import struct
import zipfile
import zlib
from dataclasses import replace

import pytest

from media import archive
from media.archive import ArchiveError


def packed(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as opened:
        for name, content in files:
            opened.writestr(name, content)
    return io.BytesIO(raw.getvalue())


def lying(content: bytes) -> io.BytesIO:
    """A zip whose headers say that its file unpacks to ten bytes."""
    raw = bytearray(packed(("a.png", content)).getvalue())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", raw, raw.index(signature) + at, 10)
    return io.BytesIO(raw)


def damaged() -> io.BytesIO:
    raw = bytearray(packed(("a.png", bytes(range(256)) * 40)).getvalue())
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 16, zlib.crc32(b"other"))
    return io.BytesIO(raw)


def locked() -> io.BytesIO:
    raw = bytearray(packed(("a.png", b"x")).getvalue())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    return io.BytesIO(raw)


def unnamed() -> io.BytesIO:
    """A zip with a file whose name has no characters."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as opened:
        info = zipfile.ZipInfo("a")
        info.filename = ""
        opened.writestr(info, b"x")
    return io.BytesIO(raw.getvalue())


REFUSED = {
    "not a zip": (io.BytesIO(b"a picture"), "no zip archive"),
    "cut off": (io.BytesIO(packed(("a.png", bytes(999))).getvalue()[:-30]), "no zip archive, or is cut off"),
    "empty": (packed(), "holds no files"),
    "only clutter of a desktop": (packed(("__MACOSX/a", b""), (".DS_Store", b"")), "holds no files"),
    "upwards": (packed(("../../etc/a.png", b"x")), "points outside"),
    "upwards by backslashes": (packed(("..\\a.png", b"x")), "points outside"),
    "absolute": (packed(("/etc/a.png", b"x")), "points outside"),
    "a name of no parts": (packed((".", b"x")), "a file without a name"),
    "an empty name": (unnamed(), "a file without a name"),
    "a drive": (packed(("C:\\a.png", b"x")), "points outside"),
    "nested": (packed(("more.zip", packed(("a.png", b"x")).getvalue())), "another archive, 'more.zip'"),
    "bomb": (packed(("a.png", bytes(40_000_000))), "more than 200 times its size"),
    "one too large": (packed(("a.png", bytes(51_000_000))), "51 MB; up to 50 MB"),
    "too many": (packed(*((f"{n}.png", b"x") for n in range(101))), "101 files; up to 100"),
    "a lie": (lying(bytes(500)), "damaged in the zip"),
    "damaged": (damaged(), "'a.png' is damaged"),
    "locked": (locked(), "locked with a password"),
}


@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_zip_that_cannot_be_used_is_refused_in_one_sentence(source: io.BytesIO, reason: str):
    with pytest.raises(ArchiveError, match=reason) as refusal:
        list(archive.members(source))
    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_the_files_together_have_a_limit():
    limits = replace(archive.UPLOAD, total_bytes=1_500)
    assert len(archive.names(packed(("a", bytes(700)), ("b", bytes(700))), limits=limits)) == 2
    with pytest.raises(ArchiveError, match="Split it"):
        archive.names(packed(("a", bytes(800)), ("b", bytes(800))), limits=limits)


def test_one_file_is_read_by_its_name_within_its_limit():
    source = packed(("a.png", b"12345"), ("b.png", b"1"))
    assert archive.read(source, "a.png") == b"12345"
    with pytest.raises(ArchiveError, match=r"'a\.png' unpacks to more"):
        archive.read(source, "a.png", limits=replace(archive.UPLOAD, file_bytes=4))
    with pytest.raises(ArchiveError, match=r"'c\.png' is not in the zip"):
        archive.read(source, "c.png")


def test_a_good_zip_gives_its_files_in_order_without_the_clutter_of_desktops():
    source = packed(("b/a.png", b"1"), ("b/.DS_Store", b"?"), ("a.png", b"2"))
    assert archive.names(source) == ["b/a.png", "a.png"]
    assert [(m.name, m.raw) for m in archive.members(source)] == [("b/a.png", b"1"), ("a.png", b"2")]


@pytest.mark.parametrize("bad", ["..\\a.png", "/etc/a.png", "more.zip"])
def test_a_file_that_cannot_be_used_does_not_cost_the_others(bad: str):
    source = packed(("a.png", b"1"), (bad, b"2"), ("b.png", b"3"))
    first, second, third = archive.members(source)
    assert (first.raw, third.raw) == (b"1", b"3")
    assert second.raw == b""
    assert repr(second.name) in second.problem
    assert archive.count(source) == 3
    with pytest.raises(ArchiveError, match=r"Pack it again|Put the pictures"):
        archive.names(source)


def test_a_damaged_file_does_not_cost_the_others():
    raw = bytearray(packed(("a.png", b"1" * 99), ("b.png", b"2" * 99), method=zipfile.ZIP_STORED).getvalue())
    raw[raw.index(b"1" * 99)] = 0
    first, second = archive.members(io.BytesIO(raw))
    assert (first.problem, second.raw) == ("'a.png' is damaged in the zip. Pack it again.", b"2" * 99)


def test_an_oversized_file_does_not_count_for_the_others():
    limits = replace(archive.UPLOAD, file_bytes=1000, total_bytes=1500)
    first, second = archive.members(packed(("a.png", bytes(2000)), ("b.png", bytes(900))), limits=limits)
    assert ("'a.png' unpacks to" in first.problem, len(second.raw)) == (True, 900)


@pytest.mark.parametrize(
    ("packed_name", "name"),
    [
        ("holiday\\cat.png", "holiday/cat.png"),  # Compress-Archive of PowerShell 5
        ("Photo 10:30.png", "Photo 10:30.png"),
        ("Ko\u0308ln.png", "K\u00f6ln.png"),  # macOS stores the letter and its dots apart
        ("K\u00f6ln.png", "K\u00f6ln.png"),
    ],
)
def test_names_are_read_as_their_makers_meant_them(packed_name: str, name: str):
    source = packed((packed_name, b"1"))
    assert archive.names(source) == [name]
    assert [(member.name, member.raw) for member in archive.members(source)] == [(name, b"1")]
    assert archive.read(source, name) == b"1"


def test_a_name_in_utf_8_is_read_without_the_flag_that_says_so():
    raw = bytearray(packed(("K\u00f6ln.png", b"1")).getvalue())
    for signature, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        raw[raw.index(signature) + at] &= 0xF7
    assert archive.names(io.BytesIO(raw)) == ["K\u00f6ln.png"]


def test_the_folders_of_a_windows_zip_are_no_files():
    assert archive.names(packed(("holiday\\", b""), ("holiday\\cat.png", b"1"))) == ["holiday/cat.png"]


def test_results_of_the_same_name_are_numbered():
    taken: set[str] = set()
    names = [archive.result_name(name, ".png", taken) for name in ("x/a.jpg", "x/a.png", "x/a.gif", "a.jpg")]
    assert names == ["x/a.png", "x/a-2.png", "x/a-3.png", "a.png"]
