"""Zip archives of pictures from strangers, read within limits.

Nothing is unpacked onto the disk: each file is read into memory, one at a time, and never beyond its limit, whatever
the headers say.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

NESTED = (".zip", ".7z", ".rar", ".gz", ".tar", ".tgz", ".bz2", ".xz")
CHUNK = 2**16


class ArchiveError(ValueError):
    """An archive that cannot be used; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most that an archive may hold."""

    files: int
    file_bytes: int  # of one file, unpacked
    total_bytes: int  # of all files, unpacked
    ratio: int | None = None  # of unpacked to packed size, for files above a megabyte


UPLOAD = Limits(files=100, file_bytes=50_000_000, total_bytes=500_000_000, ratio=200)  # pictures are compressed already


@dataclass(frozen=True)
class Member:
    """One file of an archive."""

    name: str
    raw: bytes


def names(source: str | Path | BinaryIO, *, limits: Limits = UPLOAD) -> list[str]:
    """Check a zip without unpacking it and list its files, without folders and the clutter of desktops.

    Raises:
        ArchiveError: it is no zip, is locked, or holds a name or a size that is not allowed.
    """
    with _opened(source) as archive:
        return [info.filename for info in _checked(archive, limits)]


def members(source: str | Path | BinaryIO, *, limits: Limits = UPLOAD) -> Iterator[Member]:
    """Check a zip and yield its files one by one.

    Raises:
        ArchiveError: as `names`, or a file is damaged or unpacks to more than its header says.
    """
    left = limits.total_bytes
    with _opened(source) as archive:
        for info in _checked(archive, limits):
            raw = _read(archive, info, min(limits.file_bytes, left))
            left -= len(raw)
            yield Member(info.filename, raw)


def read(source: str | Path | BinaryIO, name: str, *, limits: Limits = UPLOAD) -> bytes:
    """Read one file that `names` has listed.

    Raises:
        ArchiveError: it is missing or damaged, or unpacks to more than its limit.
    """
    with _opened(source) as archive:
        return _read(archive, name, limits.file_bytes)


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


def _checked(archive: zipfile.ZipFile, limits: Limits) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.filename.endswith("/") and not _is_clutter(info.filename)]
    if not infos:
        raise ArchiveError("The zip holds no files. Put pictures into it.")
    if len(infos) > limits.files:
        raise ArchiveError(f"The zip holds {len(infos):,} files; up to {limits.files:,} are allowed. Split it.")
    for info in infos:
        _check(info, limits)
    if (total := sum(info.file_size for info in infos)) > limits.total_bytes:
        raise ArchiveError(
            f"The zip unpacks to {total / 1e6:,.0f} MB; up to {limits.total_bytes / 1e6:,.0f} MB are allowed. Split it."
        )
    return infos


def _check(info: zipfile.ZipInfo, limits: Limits) -> None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    quoted = f"{info.filename!r:.60}"
    if not path.parts:
        raise ArchiveError("The zip holds a file without a name. Pack it again.")
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or "\x00" in info.orig_filename:
        raise ArchiveError(f"The zip holds a file named {quoted}, which points outside of it. Pack it again.")
    if info.flag_bits & 0x1:
        raise ArchiveError("The zip is locked with a password. Pack it again without one.")
    if path.suffix.lower() in NESTED:
        raise ArchiveError(f"The zip holds another archive, {quoted}. Put the pictures themselves into it.")
    if info.file_size > limits.file_bytes:
        raise ArchiveError(
            f"{quoted} unpacks to {info.file_size / 1e6:,.0f} MB; up to {limits.file_bytes / 1e6:,.0f} MB are allowed."
        )
    if limits.ratio and info.file_size > max(1_000_000, limits.ratio * info.compress_size):
        raise ArchiveError(
            f"{quoted} unpacks to more than {limits.ratio} times its size: no picture does. Leave it out."
        )


def _read(archive: zipfile.ZipFile, file: zipfile.ZipInfo | str, limit: int) -> bytes:
    """Unpack one file, no further than `limit` bytes, whatever its header says."""
    name = file if isinstance(file, str) else file.filename
    quoted = f"{name!r:.60}"
    raw = bytearray()
    try:
        with archive.open(file) as opened:
            while chunk := opened.read(min(CHUNK, limit + 1 - len(raw))):
                raw += chunk
                if len(raw) > limit:
                    raise ArchiveError(f"{quoted} unpacks to more than its header says. Pack it again.")
    except ArchiveError:
        raise
    except Exception as error:  # damaged data make zipfile and its codecs raise almost anything
        raise ArchiveError(f"{quoted} is damaged in the zip. Pack it again.") from error
    return bytes(raw)


def _is_clutter(name: str) -> bool:
    """Whether a desktop adds such a file to archives and folders by itself."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
