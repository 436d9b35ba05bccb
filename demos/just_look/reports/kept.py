"""The reports as the pages ask for them: computed in processes beside the app, kept while the votes are the same."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Generator, Hashable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, get_args

from cachetools import LRUCache
from PIL import Image

from demos.edge import turns
from demos.just_look.reports.files import Files, GrowingFile
from demos.just_look.reports.reports import Counts, Report
from demos.parts.beside import Beside
from evaluation.qualitative.ranking.summary import Summary
from evaluation.qualitative.results.cached import Freshness
from evaluation.qualitative.results.export import Format
from evaluation.qualitative.store.declarations import declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.gallery import Gallery
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds
from serving.engine import Engine
from serving.engine.errors import EngineError

T = TypeVar("T")
MODULE = "demos.just_look.reports"
KEPT_BYTES = 32 * 2**20  # of the pages and summaries that are kept here
SUMMARY_BYTES = 200_000  # what a summary takes of it, about


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """What a process beside the app gets when it starts.

    Attributes:
        url: of the vote database.
        folders: of the studies that the app ships, and of those that owners uploaded.
        draws: whether the app draws pictures for it.
    """

    url: str
    folders: tuple[Path, Path]
    draws: bool


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A report, and what it was computed from.

    Attributes:
        report: as the process returned it.
        study: as it was then.
        state: of the study.
        around: what else went into it.
        counted: the number of votes that this process had counted before.
        until: seconds of the monotonic clock; until then it may be shown.
    """

    report: Report[Any]
    study: Study
    state: str
    around: Any
    counted: int
    until: float


class KeptReports:
    """Has the reports computed beside the app. Safe to share between threads.

    One process computes summaries, pages and what follows from them, another writes out votes, so that neither waits
    for the other.
    """

    def __init__(self, library: StudyLibrary, store: Store, *, engine: Engine | None = None) -> None:
        """Start nothing yet.

        Args:
            library: the studies.
            store: the vote database; the processes open it too, to read.
            engine: draws the pictures of a release again, for their digests; without it they have none.
        """
        self._library, self._store, self._engine = library, store, engine
        self._analysing, self._writing = Beside(MODULE, self._begin), Beside(MODULE, self._begin)
        self._files = Files()
        self._kept: LRUCache[Hashable, _Entry] = LRUCache(KEPT_BYTES, getsizeof=_size)
        self._keeping = Lock()
        self._asking: defaultdict[Hashable, Lock] = defaultdict(Lock)

    def summary(self, study: str, *, checked: bool = True) -> Report[Summary]:
        """Summarise the votes of a study; see `Reports.summary`."""
        return self._report("summary", study, checked=checked)

    def page(self, study: str, *, checked: bool, owner: bool, link: str) -> Report[str]:
        """Write the results page of a study; see `Reports.page`."""
        return self._report("page", study, around=declared(self._store, study), checked=checked, owner=owner, link=link)

    def counts(self, studies: Iterable[str]) -> list[Counts]:
        """Count the answers of studies."""
        turns.leave()
        return self._analysing.ask("counts", list(studies))

    def file(self, study: str, kind: str, *, checked: bool) -> Generator[bytes, None, None]:
        """Yield a file piece by piece; see `Reports.file`."""
        turns.leave()
        return self.order(study, kind, checked=checked).pieces()

    def order(self, study: str, kind: str, *, checked: bool) -> GrowingFile:
        """Have a file of `Reports.file` made, or return the one that holds the same.

        Raises:
            BusyError: very many files are being made.
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        votes = kind in get_args(Format)
        process = self._writing if votes else self._analysing

        def write(path: str, wanted: Callable[[], bool]) -> None:
            counted = self._store.counted(study)
            draw = None if self._engine is None else self._drawing(self._engine)
            process.ask("write", path, study, kind, checked, counted, reply=draw, wanted=wanted)

        def state() -> Hashable:
            read = self._library.read(study)
            return read.origin.text, read.closes, read.state(), self._store.version(study)

        return self._files.order((study, kind, checked), state, write, maker="votes" if votes else "results")

    def ordered(self, study: str, kind: str, *, checked: bool) -> GrowingFile | None:
        """Return the file that was ordered last, while it is being made or kept."""
        return self._files.ordered((study, kind, checked))

    def end(self) -> None:
        """End the processes; they start again when somebody asks."""
        self._analysing.end()
        self._writing.end()

    def _begin(self) -> Beginning:
        return Beginning(url=self._store.url, folders=self._library.folders, draws=self._engine is not None)

    def _report(self, method: str, study: str, *, around: Any = None, **options: Any) -> Report[Any]:
        read, counted = self._library.read(study), self._store.counted(study)
        key = (method, study, *sorted(options.items()))
        if (kept := self._good(key, read, around, counted)) is not None:
            return kept
        turns.leave()
        with self._asking[study]:
            if (kept := self._good(key, read, around, counted)) is not None:
                return kept
            counted, state = self._store.counted(study), read.state()
            report = self._analysing.ask(method, study, named={**options, "counted": counted})
            until = time.monotonic() + report.freshness.seconds
            entry = _Entry(report=report, study=read, state=state, around=around, counted=counted, until=until)
            with self._keeping:
                self._kept[key] = entry
            return report

    def _good(self, key: Hashable, study: Study, around: Any, counted: int) -> Report[Any] | None:
        """Return the last report, unless it is out of date."""
        with self._keeping:
            entry = self._kept.get(key)
        if entry is None or entry.study is not study or entry.state != study.state() or entry.around != around:
            return None
        left = entry.until - time.monotonic()
        if left <= 0 or not (entry.counted >= counted or entry.report.freshness.long):
            return None
        return replace(entry.report, freshness=Freshness(left, long=entry.report.freshness.long))

    def _drawing(self, engine: Engine) -> Callable[[str, str, str], Image.Image | None]:
        """Return what draws the pictures of one release; None where that is impossible."""
        galleries: dict[str, Gallery] = {}

        def draw(study: str, arm: str, item: str) -> Image.Image | None:
            try:
                if study not in galleries:
                    read = self._library.read(study)
                    galleries[study] = Gallery(read, seeds=Seeds.of(read, self._store.key))
                gallery = galleries[study]
                return gallery.draw(gallery.study.arm(arm), item, engine)
            except (StudyError, EngineError):
                return None

        return draw


def _size(entry: _Entry) -> int:
    """What a report takes of `KEPT_BYTES`."""
    value = entry.report.value
    return len(value) if isinstance(value, str) else SUMMARY_BYTES
