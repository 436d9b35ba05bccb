"""Releases for the results page: built one at a time, and the last ones kept until their analysis is a new one."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Any

from cachetools import LRUCache
from PIL import Image

from evaluation.qualitative.release import archive
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.store.declarations import Declared, declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import Arm, StudyError
from evaluation.qualitative.study.schema import Study

MOST_PICTURES = 500  # drawn again for their digests: a few seconds of work; the command draws all
KEPT_BYTES = 64 * 2**20

Draw = Callable[[str, str, str], Image.Image | None]  # of a study, an arm and an item, by their names
_Kept = tuple["weakref.ref[Analysis]", Declared, bytes]


class Releases:
    """The zips of all studies. Safe to share between threads."""

    def __init__(self, store: Store, draw: Draw | None) -> None:
        """Take the vote database, and what draws the pictures, if there is anything."""
        self._store = store
        self._draw = draw
        self._kept: LRUCache[Any, _Kept] = LRUCache(KEPT_BYTES, getsizeof=_size)
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
            if kept is not None and kept[0]() is analysis and kept[1] == declarations:
                return kept[2]
            files = archive.build(analysis, self._store, draw=self._drawing(analysis.study))
            packed = archive.pack(files, f"{name}-release")
            self._kept[name, analysis.summary.flagged_included] = weakref.ref(analysis), declarations, packed
            return packed

    def _drawing(self, study: Study) -> Callable[[Arm, str], Image.Image | None] | None:
        draw = self._draw
        if draw is None:
            return None
        drawn = 0

        def draw_some(arm: Arm, item: str) -> Image.Image | None:
            nonlocal drawn
            drawn += 1
            return draw(study.name, arm.id, item) if drawn <= MOST_PICTURES else None

        return draw_some


def _size(kept: _Kept) -> int:
    """What a release takes of `KEPT_BYTES`; a single one is kept however large it is."""
    return min(len(kept[2]), KEPT_BYTES)
