"""The studies of an app: those it ships, and those that owners uploaded."""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from evaluation.qualitative.study import check
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.folders import SHIPPED, UPLOADED
from evaluation.qualitative.study.reading import read_file
from evaluation.qualitative.study.schema import Study

MAX_PICTURES = 64 * 2**20  # bytes of an uploaded archive

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ARCHIVE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}\.zip")


class NotWritableError(StudyError):
    """The folder of uploaded studies can't be written; the message names it and what to set."""

    http_status = 503


class StudyLibrary:
    """Studies by name. A file that changes while the app runs is read again. Safe to share between threads."""

    def __init__(self, shipped: Path = SHIPPED, uploaded: Path = UPLOADED) -> None:
        """Take two folders.

        Args:
            shipped: studies of the app.
            uploaded: studies of owners, each a file or in its own folder; `JUST_LOOK_STUDIES` by default.
        """
        self._shipped = shipped
        self._uploaded = uploaded
        self._known: dict[Path, tuple[tuple[int, int | None], Study]] = {}
        self._lock = threading.Lock()

    @property
    def folders(self) -> tuple[Path, Path]:
        """The folder of the studies of the app, and that of owners' studies."""
        return self._shipped, self._uploaded

    def names(self) -> list[str]:
        """The names of all studies, sorted."""
        flat = {path.stem for folder in (self._shipped, self._uploaded) for path in folder.glob("*.toml")}
        return sorted(flat | {path.parent.name for path in self._uploaded.glob("*/*.toml")})

    def read(self, name: str) -> Study:
        """Return a study; if its owner closed it, it is closed whatever its file says.

        Raises:
            StudyError: there is no such study, or its file is not valid.
        """
        path, closed = self._path(name), self._closed(name)
        state = (path.stat().st_mtime_ns, closed.stat().st_mtime_ns if closed.exists() else None)
        with self._lock:
            known = self._known.get(path)
            if known is not None and known[0] == state:
                return known[1]
            study = read_file(path)
            if state[1] is not None:
                study = study.replaced(opens=None, closes=datetime.fromisoformat(closed.read_text()))
            self._known[path] = (state, study)
            return study

    def all(self) -> list[Study]:
        """All studies with a valid file, sorted by title."""
        studies = []
        for name in self.names():
            try:
                studies.append(self.read(name))
            except StudyError:
                continue
        return sorted(studies, key=lambda study: study.title)

    def casual(self) -> list[Study]:
        """The open studies without consent, training and checks, sorted by title."""
        return [study for study in self.all() if study.casual and study.state() == "open"]

    def add(self, name: str, text: bytes, *, archive: tuple[str, bytes] | None = None) -> Study:
        """Add a study that its owner uploads.

        Args:
            name: name of its file, without `.toml`.
            text: content of the file.
            archive: name and content of the zip with its pictures, if it has one.

        Raises:
            StudyError: the name is taken or malformed, the file is not valid, or something that it names is missing.
            NotWritableError: nothing can be stored.
        """
        if not _NAME.fullmatch(name):
            raise StudyError("a study's file is named with lower-case letters, digits and hyphens, as in my-study.toml")
        if name in self.names():
            raise StudyError(f"there is a study {name!r} already: choose another name")
        if archive is not None and not _ARCHIVE.fullmatch(archive[0]):
            raise StudyError("the archive's name should be letters, digits, dots and hyphens, and end in .zip")
        if archive is not None and len(archive[1]) > MAX_PICTURES:
            raise StudyError(f"the archive is larger than {MAX_PICTURES // 2**20} MB")
        with self._writing(), tempfile.TemporaryDirectory(dir=self._uploaded, prefix=".") as part:
            folder = Path(part) / name
            folder.mkdir()
            (folder / f"{name}.toml").write_bytes(text)
            if archive is not None:
                (folder / archive[0]).write_bytes(archive[1])
            check.check(read_file(folder / f"{name}.toml"))
            folder.rename(self._uploaded / name)  # in one step
        return self.read(name)

    def close(self, name: str) -> None:
        """Take no more answers for a study from now on.

        Raises:
            StudyError: there is no such study.
            NotWritableError: nothing can be stored.
        """
        self._path(name)
        with self._writing():
            self._closed(name).write_text(datetime.now(UTC).isoformat())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Have the folder for uploads, and say what to set where it can't be written."""
        try:
            self._uploaded.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            raise NotWritableError(
                f"nothing can be stored in {self._uploaded.absolute()} ({error.strerror}): whoever runs this app sets "
                "JUST_LOOK_STUDIES to a folder that can be written, or makes room on its disk"
            ) from error

    def _path(self, name: str) -> Path:
        if isinstance(name, str) and _NAME.fullmatch(name):
            here = (
                self._uploaded / name / f"{name}.toml",
                self._uploaded / f"{name}.toml",
                self._shipped / f"{name}.toml",
            )
            for path in here:
                if path.exists():
                    return path
        raise StudyError(f"there is no study {name!r:.80}: check the link")

    def _closed(self, name: str) -> Path:
        return self._uploaded / f"{name}.closed"
