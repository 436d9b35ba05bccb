"""The studies that an app offers: those it ships, and those that their owners brought."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from evaluation.qualitative import study as studies
from evaluation.qualitative.study import STUDIES, Study, StudyError

BROUGHT = Path(os.environ.get("JUST_LOOK_STUDIES", Path(__file__).parents[2] / "data" / "brought"))


class Shelf:
    """Studies by name. A file that is changed while the app runs is read anew; safe to share between threads."""

    def __init__(self, *folders: Path) -> None:
        """Look into these folders; where two hold one name, the later folder's is meant."""
        self.folders = folders or (STUDIES, BROUGHT)
        self._read: dict[Path, tuple[float, Study]] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """The names of all studies, sorted."""
        return sorted({name for folder in self.folders for name in studies.names(folder)})

    def folder(self, name: str) -> Path:
        """The folder that a study lies in.

        Raises:
            StudyError: there is no such study.
        """
        for folder in reversed(self.folders):
            if name in studies.names(folder):
                return folder
        raise StudyError(f"there is no study {name!r:.80}; check the link")

    def read(self, name: str) -> Study:
        """Return a study.

        Raises:
            StudyError: there is no such study, or its file does not fit.
        """
        folder = self.folder(name)
        path = folder / f"{name}.toml"
        changed = path.stat().st_mtime
        with self._lock:
            known = self._read.get(path)
        if known is not None and known[0] == changed:
            return known[1]
        study = studies.read(name, folder)
        with self._lock:
            self._read[path] = (changed, study)
        return study

    def casual(self) -> list[Study]:
        """The studies that anybody may vote in at once, by title; files that do not fit are passed over."""
        found = []
        for name in self.names():
            try:
                study = self.read(name)
            except StudyError:
                continue
            if study.casual and study.state() == "open":
                found.append(study)
        return sorted(found, key=lambda study: study.title)
