"""Releases for the results page: built one at a time, and kept until the analysis is a new one."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PIL import Image

from evaluation.qualitative.release import archive
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.store.declarations import Declared, declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import Arm, StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine
from serving.engine.errors import EngineError

MOST_PICTURES = 500  # drawn again for their digests: a few seconds of work; the command draws all


class Releases:
    """The zips of all studies. Safe to share between threads."""

    def __init__(self, store: Store, engine: Engine | None) -> None:
        """Take the vote database, and the engine that draws the pictures, if there is one."""
        self._store = store
        self._engine = engine
        self._kept: dict[tuple[str, bool], tuple[Analysis, Declared, bytes]] = {}
        self._building = threading.Lock()

    def of(self, analysis: Analysis) -> bytes:
        """Return the zip of an analysis.

        Raises:
            StudyError: nobody has voted yet.
            StoreUnavailableError: the database does not answer.
        """
        name = analysis.study.name
        declarations = declared(self._store, name)
        if analysis.votes.empty:
            raise StudyError("there is nothing to release yet: nobody has voted")
        with self._building:
            kept = self._kept.get((name, analysis.summary.flagged_included))
            if kept is not None and kept[0] is analysis and kept[1] == declarations:
                return kept[2]
            files = archive.build(analysis, self._store, draw=self._drawing(analysis.study))
            packed = archive.pack(files, f"{name}-release")
            self._kept[name, analysis.summary.flagged_included] = analysis, declarations, packed
            return packed

    def _drawing(self, study: Study) -> Callable[[Arm, str], Image.Image | None] | None:
        engine = self._engine
        if engine is None:
            return None
        gallery, drawn = Gallery(study, seeds=Seeds.of(study, self._store.key)), 0

        def draw(arm: Arm, item: str) -> Image.Image | None:
            nonlocal drawn
            drawn += 1
            if drawn > MOST_PICTURES:
                return None
            try:
                return gallery.draw(arm, item, engine)
            except (StudyError, EngineError):
                return None

        return draw
