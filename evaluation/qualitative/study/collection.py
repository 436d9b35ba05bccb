"""Pictures of a study's author: a folder or a zip archive beside the study file, read in place and fully checked."""

from __future__ import annotations

import functools
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from PIL import Image

from assets.samples import ASSETS
from evaluation.qualitative.study.arms import StudyError
from media import archive, images

MAX_FILES = 10_000
MAX_BYTES = 32 * 2**20  # of one picture
LIMITS = archive.ZipLimits(files=MAX_FILES, file_bytes=MAX_BYTES, total_bytes=2 * 2**30)  # of a zip
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif")
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # files that operating systems add


class Collection:
    """Pictures by the stem of their file name, in the composed Unicode form whatever the file system stores.

    Args:
        path: a folder, or a zip archive.
        name: its name in errors.

    Raises:
        StudyError: the path is neither, or holds other files than pictures; the message says which.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._archived = not path.is_dir()
        if self._archived:
            files = self._entries()
        else:
            files = [str(inside.relative_to(path)) for inside in path.iterdir() if inside.is_file()]
        self._files = self._by_stem(files)

    @property
    def stems(self) -> list[str]:
        """The stems of all pictures, sorted."""
        return sorted(self._files)

    def raw(self, stem: str) -> bytes:
        """Return the bytes of a picture's file.

        Raises:
            StudyError: there is no such picture, or it is too large or damaged.
        """
        stem = composed(stem)
        if stem not in self._files:
            raise StudyError(f"{self.name} has no picture {stem!r:.80}")
        inside = self._files[stem]
        try:
            if self._archived:
                return archive.read(self.path, inside, limits=LIMITS)
            with _below(self.path, inside).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except archive.ArchiveError as error:
            raise StudyError(f"{self.name}: {error}") from error
        except OSError as error:
            raise StudyError(f"{self.name}: {inside:.80} can't be read") from error
        if len(raw) > MAX_BYTES:
            raise StudyError(f"{self.name}: {inside:.80} has more than {MAX_BYTES // 2**20} MiB")
        return raw

    def picture(self, stem: str) -> Image.Image:
        """Decode a picture: upright, RGB, without metadata.

        Raises:
            StudyError: there is no such picture, or the file is not a picture.
        """
        return decode(self.raw(stem), f"{self.name}: {self._files[composed(stem)]:.80}")

    def _entries(self) -> list[str]:
        """Return the names in the archive, each checked."""
        try:
            return archive.names(self.path, limits=LIMITS)
        except archive.ArchiveError as error:
            raise StudyError(f"{self.name}: {error}") from error

    def _by_stem(self, names: Iterable[str]) -> dict[str, str]:
        files: dict[str, str] = {}
        for inside in sorted(names):
            name = PurePosixPath(inside)
            if inside.startswith(_CLUTTER) or name.name in _CLUTTER or name.name.startswith("."):
                continue
            if name.suffix.lower() not in SUFFIXES:
                raise StudyError(f"{self.name}: {inside!r:.80} is no picture; leave only {', '.join(SUFFIXES)} there")
            if not name.stem.isprintable() or "\\" in name.stem:
                raise StudyError(f"{self.name}: {inside!r:.80} has control characters or a backslash in its name")
            if (stem := composed(name.stem)) in files:
                raise StudyError(f"{self.name}: {files[stem]!r:.80} and {inside!r:.80} share one name")
            files[stem] = inside
        if not files:
            raise StudyError(f"{self.name} holds no pictures")
        if len(files) > MAX_FILES:
            raise StudyError(f"{self.name} holds {len(files):,} pictures; up to {MAX_FILES:,} are allowed")
        return files


def composed(name: str) -> str:
    """A name with each accented letter as one character; macOS stores some as a letter and its accent (Unicode NFD)."""
    return unicodedata.normalize("NFC", name)


def find(assets: Path | None, path: str) -> Collection:
    """Open the folder or archive that a study names.

    Args:
        assets: the folder of the study file.
        path: relative to it, as `arms.Inside` has checked it.

    Raises:
        StudyError: it does not exist, or is not a collection of pictures.
    """
    if assets is None:
        raise StudyError(f"names {path!r:.80}, but no pictures came with the study")
    inside = _below(assets, path)
    if not inside.exists():
        raise StudyError(f"there is no folder or archive {path!r:.80} beside the study file")
    return _opened(inside, path, inside.stat().st_mtime_ns)


def picture_path(assets: Path | None, name: str) -> Path:
    """Find a picture: a file beside the study by its path, or one that the app ships by its bare name.

    Raises:
        StudyError: there is none.
    """
    if PurePosixPath(name).suffix:
        if assets is None:
            raise StudyError(f"names {name!r:.80}, but no pictures came with the study")
        path = _below(assets, name)
        if not path.is_file():
            raise StudyError(f"there is no picture {name!r:.80} beside the study file")
        return path
    shipped = bundled()
    if name not in shipped:
        raise StudyError(f"the app ships no picture {name!r:.80}; there are: {', '.join(shipped)}")
    return shipped[name]


def bundled() -> dict[str, Path]:
    """The photographs and paintings that the app ships, by name."""
    return {path.stem: path for kind in ("photos", "paintings") for path in sorted((ASSETS / kind).glob("*.jpg"))}


def decode(raw: bytes, name: str) -> Image.Image:
    """Decode a picture's bytes: upright, RGB, without metadata.

    Raises:
        StudyError: they are not a picture; the message begins with `name`.
    """
    try:
        return images.read(io.BytesIO(raw))
    except images.PictureError as error:
        raise StudyError(f"{name}: {error}") from error


@functools.lru_cache(maxsize=64)
def _opened(path: Path, name: str, changed: int) -> Collection:  # noqa: ARG001 - part of the cache's key
    return Collection(path, name)


def _below(folder: Path, path: str) -> Path:
    """Join a folder and a path, and refuse links that lead out of the folder."""
    try:
        inside = _on_disk(folder, path).resolve()
        if not inside.is_relative_to(folder.resolve()):
            raise StudyError(f"{path!r:.80} leads out of the study's folder")
    except (OSError, ValueError, RuntimeError) as error:
        if isinstance(error, StudyError):
            raise
        raise StudyError(f"{path!r:.80} can't be read") from error
    return inside


def _on_disk(folder: Path, path: str) -> Path:
    """Join a folder and a path, in the Unicode form in which the disk stores each name."""
    inside = folder
    for part in PurePosixPath(path).parts:
        exact = inside / part
        if part.isascii() or exact.exists() or not inside.is_dir():
            inside = exact
        else:
            inside = next((other for other in inside.iterdir() if composed(other.name) == composed(part)), exact)
    return inside
