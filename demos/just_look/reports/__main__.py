"""The process in which reports are computed; `kept.KeptReports` starts it and asks it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from demos.parts.beside import Asking, serve

if TYPE_CHECKING:
    from demos.just_look.reports.kept import Beginning
    from demos.just_look.reports.reports import Reports


class Served:
    """What the app may ask for: the methods of `Reports`, and files written to a path."""

    def __init__(self, reports: Reports, check: Callable[[], None]) -> None:
        """Take the reports, and what ends a job for which nobody waits any more."""
        self.summary, self.page, self.counts = reports.summary, reports.page, reports.counts
        self._reports, self._check = reports, check

    def write(self, path: str, study: str, kind: str, checked: bool, counted: int) -> None:
        """Write a file of `Reports.file`; without a name, its space is free when the app closes it, or dies."""
        with Path(path).open("wb") as file:
            Path(path).unlink()
            for piece in self._reports.file(study, kind, checked=checked, counted=counted):
                self._check()
                file.write(piece)
                file.flush()


def begin(beginning: Beginning, app: Asking) -> Served:
    """Open the database to read it."""
    from demos.just_look.reports.reports import Reports  # loads statistics, after the priority is lowered
    from evaluation.qualitative.store.store import Store
    from evaluation.qualitative.study.library import StudyLibrary

    importlib.import_module("evalica")  # here, so that the first ranking is not taken for a slow one
    library = StudyLibrary(*beginning.folders)
    store = Store(beginning.url, read_only=True)
    draw = app.ask if beginning.draws else None
    return Served(Reports(library, store, draw=draw, work_clock=time.process_time), app.check)


if __name__ == "__main__":
    serve(begin)
