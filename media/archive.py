"""Zip archives of pictures from strangers, read within limits.

Nothing is unpacked onto the disk: each file is read into memory, one at a time, and never beyond its limit, whatever
the headers say. Names are read as their makers meant them: with the backslashes of PowerShell 5, in UTF-8 without the
flag for it, and in either Unicode form of an accented letter.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

NESTED = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
CHUNK = 2**16
DRIVE = re.compile("[A-Za-z]:")  # of Windows; any other colon is part of a name
UTF8_NAME = 0x800  # flag of a file whose name is UTF-8
CLUTTER = {".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini"}


class ArchiveError(ValueError):
    """An archive that cannot be used; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class ZipLimits:
    """The most that an archive may hold."""

    files: int
    file_bytes: int  # of one file, unpacked
    total_bytes: int  # of all files, unpacked
    ratio: int | None = None  # of unpacked to packed size, for files above a megabyte


UPLOAD = ZipLimits(
    files=100, file_bytes=50_000_000, total_bytes=500_000_000, ratio=200
)  # pictures are compressed already


@dataclass(frozen=True)
class Member:
    """One file of an archive; one that cannot be used has no bytes and a sentence that names it."""

    name: str
    raw: bytes
    problem: str = ""


def names(source: str | Path | BinaryIO, *, limits: ZipLimits = UPLOAD) -> list[str]:
    """Check a zip without unpacking it and list its files, without folders and the clutter of desktops.

    Raises:
        ArchiveError: it is no zip, or holds too much, or any file is locked or has a name or size that is not allowed.
    """
    with _opened(source) as archive:
        infos = _listed(archive, limits)
        for info in infos:
            if problem := _problem(info, limits):
                raise ArchiveError(problem)
        _check_total(infos, limits)
        return [_name(info) for info in infos]


def count(source: str | Path | BinaryIO, *, limits: ZipLimits = UPLOAD) -> int:
    """How many files `members` will yield.

    Raises:
        ArchiveError: it is no zip, or holds nothing, or too much.
    """
    with _opened(source) as archive:
        infos = _listed(archive, limits)
        _check_total([info for info in infos if not _problem(info, limits)], limits)
        return len(infos)


def members(source: str | Path | BinaryIO, *, limits: ZipLimits = UPLOAD) -> Iterator[Member]:
    """Yield the files of a zip one by one; a bad one has a `problem` and does not stop the others.

    Raises:
        ArchiveError: as `count`, or no file can be used.
    """
    left, problems, usable = limits.total_bytes, list[str](), False
    with _opened(source) as archive:
        infos = _listed(archive, limits)
        _check_total([info for info in infos if not _problem(info, limits)], limits)
        for info in infos:
            raw, problem = b"", _problem(info, limits)
            if not problem:
                try:
                    raw = _read(archive, info, min(limits.file_bytes, left))
                except ArchiveError as error:
                    problem = str(error)
            if problem:
                problems.append(problem)
            usable, left = usable or not problem, left - len(raw)
            yield Member(_name(info), raw, problem)
    if not usable:
        raise ArchiveError(problems[0])


def read(source: str | Path | BinaryIO, name: str, *, limits: ZipLimits = UPLOAD) -> bytes:
    """Read one file that `names` has listed.

    Raises:
        ArchiveError: it is missing or damaged, or unpacks to more than its limit.
    """
    with _opened(source) as archive:
        info = next((info for info in archive.infolist() if _name(info) == name), None)
        if info is None:
            raise ArchiveError(f"{name!r:.60} is not in the zip. Pack it again.")
        return _read(archive, info, limits.file_bytes)


def result_name(name: str, suffix: str, taken: set[str]) -> str:
    """The name of a result in the returned zip: that of its source with another suffix, numbered if it is taken."""
    path = PurePosixPath(name)
    result = str(path.with_suffix(suffix))
    number = 2
    while result in taken:
        result, number = str(path.with_name(f"{path.stem}-{number}{suffix}")), number + 1
    taken.add(result)
    return result


def _opened(source: str | Path | BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
        raise ArchiveError("The file is no zip archive, or is cut off. Pack the pictures into a zip again.") from error


def _listed(archive: zipfile.ZipFile, limits: ZipLimits) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not _name(info).endswith("/") and not _is_clutter(_name(info))]
    if not infos:
        raise ArchiveError("The zip holds no files. Put pictures into it.")
    if len(infos) > limits.files:
        raise ArchiveError(f"The zip holds {len(infos):,} files; up to {limits.files:,} are allowed. Split it.")
    return infos


def _check_total(infos: list[zipfile.ZipInfo], limits: ZipLimits) -> None:
    if (total := sum(info.file_size for info in infos)) > limits.total_bytes:
        raise ArchiveError(
            f"The zip unpacks to {total / 1e6:,.0f} MB; up to {limits.total_bytes / 1e6:,.0f} MB are allowed. Split it."
        )


def _name(info: zipfile.ZipInfo) -> str:
    """The name that a file's maker meant: with slashes, and in the composed Unicode form."""
    name = info.filename
    if not info.flag_bits & UTF8_NAME and not name.isascii():
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode()  # zipfile decodes as the first MS-DOS did
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _problem(info: zipfile.ZipInfo, limits: ZipLimits) -> str:
    """Why a file may not be unpacked, as a sentence that names it; empty if it may."""
    name = _name(info)
    path, quoted = PurePosixPath(name), f"{name!r:.60}"
    if not path.parts:
        return "The zip holds a file without a name. Pack it again."
    if path.is_absolute() or ".." in path.parts or DRIVE.match(path.parts[0]) or "\x00" in info.orig_filename:
        return f"The zip holds a file named {quoted}, which points outside of it. Pack it again."
    if info.flag_bits & 0x1:
        return f"{quoted} is locked with a password. Pack the zip again without one."
    if path.suffix.lower() in NESTED:
        return f"The zip holds another archive, {quoted}. Put the pictures themselves into it."
    if info.file_size > limits.file_bytes:
        return (
            f"{quoted} unpacks to {info.file_size / 1e6:,.0f} MB; up to {limits.file_bytes / 1e6:,.0f} MB are allowed."
        )
    if limits.ratio and info.file_size > max(1_000_000, limits.ratio * info.compress_size):
        return f"{quoted} unpacks to more than {limits.ratio} times its size: no picture does. Leave it out."
    return ""


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """Unpack one file, no further than `limit` bytes, whatever its header says."""
    quoted = f"{_name(info)!r:.60}"
    raw = bytearray()
    try:
        with archive.open(info) as opened:
            while chunk := opened.read(min(CHUNK, limit + 1 - len(raw))):
                raw += chunk
                if len(raw) > limit:
                    raise ArchiveError(f"{quoted} unpacks to more than its header says. Pack it again.")
    except ArchiveError:
        raise
    except NotImplementedError as error:
        raise ArchiveError(f"{quoted} is packed in a way that can't be read. Pack it again as a plain zip.") from error
    except Exception as error:  # damaged data make zipfile and its codecs raise almost anything
        raise ArchiveError(f"{quoted} is damaged in the zip. Pack it again.") from error
    return bytes(raw)


def _is_clutter(name: str) -> bool:
    """Whether a desktop adds such a file to archives and folders by itself."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.lower() in CLUTTER or path.name.startswith("._")
