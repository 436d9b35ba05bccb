"""What is computed from the votes of a study: its summary, its results page, its files. No Gradio."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args

from cachetools import LRUCache

from demos.just_look import numbers_html, results_html
from demos.just_look.declared import forms
from demos.just_look.reports.files import no_such_file
from demos.just_look.reports.releases import Draw, Releases
from evaluation.qualitative.planning.uploaded import registration_of
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import Summary
from evaluation.qualitative.release.paragraph import first_vote, paragraph, registered
from evaluation.qualitative.release.sources import seeds
from evaluation.qualitative.results.answers import answers_csv
from evaluation.qualitative.results.cached import Analyses, Analysis, Freshness
from evaluation.qualitative.results.drawings import drawings
from evaluation.qualitative.results.export import Format, export, numbers_csv, numbers_json
from evaluation.qualitative.store.declarations import declared
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.seeds import Seeds

T = TypeVar("T")
PAGES_BYTES = 32 * 2**20  # of the pages that are kept


@dataclass(frozen=True)
class Report(Generic[T]):
    """Something that was computed from votes.

    Attributes:
        value: the result.
        freshness: for how long it may be shown.
    """

    value: T
    freshness: Freshness


@dataclass(frozen=True)
class Counts:
    """How many answers a study has.

    Attributes:
        answers: number of stored answers.
        raters: number of raters who gave them.
        excluded: number of answers that do not count: flagged ones, checks and practice.
    """

    answers: int
    raters: int
    excluded: int


class Reports:
    """The reports, computed in this process; those of `kept.KeptReports` are computed beside the app.

    Safe to share between threads.
    """

    def __init__(
        self,
        library: StudyLibrary,
        store: Store,
        *,
        draw: Draw | None = None,
        work_clock: Callable[[], float] | None = None,
    ) -> None:
        """Take the studies and their votes.

        Args:
            library: the studies.
            store: the vote database, of which nothing is changed.
            draw: draws the pictures of a release again, for their digests; without it they have none.
            work_clock: see `Analyses`.
        """
        self._library = library
        self._store = store
        self._analyses = Analyses(library, store, work_clock=work_clock)
        self._releases = Releases(store, draw)
        self._pages: LRUCache[Any, tuple[weakref.ref[Analysis], Any, str]] = LRUCache(
            PAGES_BYTES, getsizeof=lambda page: len(page[2])
        )
        self._writing = threading.Lock()

    def summary(self, study: str, *, checked: bool = True, counted: int = 0) -> Report[Summary]:
        """Summarise the votes of a study.

        Args:
            study: its name.
            checked: whether only answers without a flag count.
            counted: how many votes of it the caller has counted (`Analyses.of`).

        Raises:
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        return self._report(study, checked, self._analysis(study, checked, counted).summary)

    def page(self, study: str, *, checked: bool, owner: bool, link: str, counted: int = 0) -> Report[str]:
        """Write the results page of a study as HTML; `link` leads away from it. Otherwise see `summary`."""
        analysis = self._analysis(study, checked, counted)
        around = {
            "link": link,
            "owner": owner,
            "registered": registered(self._store, analysis),
            "declared": self._declared(analysis) if owner else "",
        }
        return self._report(study, checked, self._page(analysis, checked, around))

    def counts(self, studies: Iterable[str]) -> list[Counts]:
        """Count the answers of studies."""
        counts = []
        for study in studies:
            votes = self._store.results(study)
            excluded = len(votes) - len(sift(votes).counted)
            counts.append(Counts(len(votes), int(votes["rater"].nunique()), excluded))
        return counts

    def file(self, study: str, kind: str, *, checked: bool, counted: int = 0) -> Generator[bytes, None, None]:
        """Yield a file with the votes of a study, or with results computed from them, piece by piece.

        The votes come complete, with their flags; `checked` filters what is computed from them.

        Args:
            study: its name.
            kind: see `files.named`.
            checked: see `summary`.
            counted: see `summary`.

        Raises:
            StudyError: there is no such study or file, or not yet.
            StoreUnavailableError: the database does not answer.
        """
        if kind in get_args(Format):
            yield from export(self._store, study, form=kind)
        elif kind == "answers":
            yield answers_csv(self._store, study).encode()
        elif kind == "study":
            yield self._library.read(study).origin.text.encode()
        elif kind == "seeds":
            yield self._seeds(self._library.read(study)).encode()
        else:
            yield self._computed(self._analysis(study, checked, counted), kind)

    def _analysis(self, study: str, checked: bool, counted: int) -> Analysis:
        return self._analyses.of(study, include_flagged=not checked, counted=counted)

    def _report(self, study: str, checked: bool, value: T) -> Report[T]:
        return Report(value, self._analyses.freshness(study, include_flagged=not checked))

    def _page(self, analysis: Analysis, checked: bool, around: dict[str, Any]) -> str:
        """Write a results page, or return the last one of the study where nothing has changed since."""
        key = (analysis.study.name, checked, around["owner"])
        with self._writing:
            kept = self._pages.get(key)
            if kept is None or kept[0]() is not analysis or kept[1] != around:
                kept = weakref.ref(analysis), around, results_html.page(analysis, checked=checked, **around)
                self._pages[key] = kept
            return kept[2]

    def _declared(self, analysis: Analysis) -> str:
        """The forms for the owner of a study, as HTML."""
        study, first = analysis.study, first_vote(analysis)
        declarations = declared(self._store, study.name)
        return forms.section(study, declarations, registration_of(study, declarations, first), voted=first is not None)

    def _seeds(self, study: Study) -> str:
        """From which seed the pictures of each seed in the votes were drawn, once the study has closed."""
        if study.state() != "closed":
            raise StudyError("The seeds of the pictures are published when the study has closed.")
        return Seeds.of(study, self._store.key).published(seeds(self._store.results(study.name)))

    def _computed(self, analysis: Analysis, kind: str) -> bytes:
        """The paragraph on methods, a figure, or all of it as a zip."""
        if kind == "methods":
            return paragraph(self._store, analysis).encode()
        if kind in numbers_html.FILES:
            return _numbers(analysis, kind).encode()
        if kind == "release":
            return self._releases.of(analysis)
        for drawing in drawings(analysis) if kind.startswith("figure:") else ():
            if kind == f"figure:{drawing.name}":
                return drawing.file.encode()
        raise no_such_file(kind)


def _numbers(analysis: Analysis, kind: str) -> str:
    """The scores by people beside the metrics, as CSV or with the correlations as JSON.

    Raises:
        StudyError: there are too few votes, or too few sources with metrics.
    """
    numbers = analysis.numbers
    if numbers is None:
        raise StudyError("Fewer than two sources of this study have metrics, so there is nothing to compare.")
    if numbers.simulated:
        raise StudyError("Too few people have voted to compare their scores with the metrics: try again later.")
    return numbers_csv(numbers) if kind == "numbers" else numbers_json(numbers)
