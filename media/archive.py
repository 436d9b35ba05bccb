"""A folder of pictures that comes as a zip and goes back as one: bounded in every way, believing no header.

Nothing is unpacked onto the disk: each picture is read into memory, one at a time, and no further than is allowed.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

MAX_FILES = 100
MAX_BYTES = 50_000_000  # of one picture, unpacked
MAX_TOTAL = 500_000_000  # of all, unpacked
MAX_RATIO = 200  # unpacked to packed; pictures are compressed already
NESTED = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
CHUNK = 2**16


class ArchiveError(ValueError):
    """An archive that cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    raw: bytes


def names(source: str | Path | BinaryIO) -> list[str]:
    """The files in a zip, without folders and what a desktop leaves there, after every check that needs no unpacking.

    Raises:
        ArchiveError: it is no zip, is locked, or holds a name or a size that is not allowed.
    """
    with _opened(source) as archive:
        return [info.filename for info in _checked(archive)]


def members(source: str | Path | BinaryIO) -> Iterator[Member]:
    """Yield a zip's files one by one.

    Raises:
        ArchiveError: as `names`, or a file is damaged or unpacks to more than its header says.
    """
    left = MAX_TOTAL
    with _opened(source) as archive:
        for info in _checked(archive):
            raw = _read(archive, info, min(MAX_BYTES, left))
            left -= len(raw)
            yield Member(info.filename, raw)


def renamed(name: str, suffix: str, taken: set[str]) -> str:
    """The name of a result in the zip that goes back: the same, with another suffix, and a number where it is taken."""
    path = PurePosixPath(name)
    wanted = str(path.with_suffix(suffix))
    number = 2
    while wanted in taken:
        wanted, number = str(path.with_name(f"{path.stem}-{number}{suffix}")), number + 1
    taken.add(wanted)
    return wanted


def _opened(source: str | Path | BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise ArchiveError("The file is no zip archive, or is cut off. Pack the pictures into a zip again.") from error


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir() and not _left_by_a_desktop(info.filename)]
    if not infos:
        raise ArchiveError("The zip holds no files. Put pictures into it.")
    if len(infos) > MAX_FILES:
        raise ArchiveError(f"The zip holds {len(infos):,} files; up to {MAX_FILES} are allowed. Split it.")
    for info in infos:
        _check(info)
    if (total := sum(info.file_size for info in infos)) > MAX_TOTAL:
        raise ArchiveError(
            f"The zip unpacks to {total / 1e6:,.0f} MB; up to {MAX_TOTAL / 1e6:,.0f} MB are allowed. Split it."
        )
    return infos


def _check(info: zipfile.ZipInfo) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    shown = f"{info.filename!r:.60}"
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\x00" in info.orig_filename:
        raise ArchiveError(f"The zip holds a file named {shown}, which points outside of it. Pack it again.")
    if info.flag_bits & 0x1:
        raise ArchiveError("The zip is locked with a password. Pack it again without one.")
    if path.suffix.lower() in NESTED:
        raise ArchiveError(f"The zip holds another archive, {shown}. Put the pictures themselves into it.")
    if info.file_size > MAX_BYTES:
        raise ArchiveError(
            f"{shown} unpacks to {info.file_size / 1e6:,.0f} MB; up to {MAX_BYTES / 1e6:,.0f} MB are allowed."
        )
    if info.file_size > 1_000_000 and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise ArchiveError(f"{shown} unpacks to more than {MAX_RATIO} times its size: no picture does. Leave it out.")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """Unpack one file, whatever its header says, no further than `limit` bytes."""
    found = bytearray()
    try:
        with archive.open(info) as file:
            while chunk := file.read(min(CHUNK, limit + 1 - len(found))):
                found += chunk
                if len(found) > limit:
                    raise ArchiveError(f"{info.filename!r:.60} unpacks to more than its header says. Pack it again.")
    except ArchiveError:
        raise
    except Exception as error:  # damaged data make zipfile and its codecs raise almost anything
        raise ArchiveError(f"{info.filename!r:.60} is damaged in the zip. Pack it again.") from error
    return bytes(found)


def _left_by_a_desktop(name: str) -> bool:
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
