"""Cached summaries of studies for the pages and the API, computed on demand, and of one study one at a time.

Nothing is computed anew while the votes are the same. A new vote is in the next summary, unless summaries take long
(`LONG_S`). All requests that arrive before a computation starts share its result, and a summary that is still good is
returned while another study's is computed. After each computation comes a pause of the same length, so the summaries
of a study use at most half of one core. Memory holds the votes of the studies that were looked at last (`MOST_VOTES`).
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import pandas as pd
from cachetools import LRUCache

from evaluation.qualitative.numbers_vs_eyes.comparison import NumbersVsEyes, numbers_vs_eyes
from evaluation.qualitative.ranking.raters.exclusion import Thresholds, check_raters, flagged
from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import Summary, summarise
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

FRESH_S = 3.0
PATIENCE = 20  # a summary that took one second is kept for twenty
LONGEST_S = 60.0  # but no longer: a page that waits for its vote sees it within a minute or so
LONG_S = 0.5  # a summary that takes longer is not computed anew for each vote: it may lack the newest votes
MOST_VOTES = 500_000  # of all analyses in memory, about 200 MB; the one that was not asked for longest goes first


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A study, its votes, and their summary.

    Attributes:
        study: the study.
        votes: all answers with their flags, as `Store.results` returns them, and the flags of the rater model.
        summary: summary of the answers that count.
    """

    study: Study
    votes: pd.DataFrame
    summary: Summary

    @property
    def seconds(self) -> list[float]:
        """Response times of the answers that count."""
        counted = sift(self.votes, include_flagged=self.summary.flagged_included).counted
        return [float(ms) / 1000 for ms in counted["response_ms"].dropna()]

    @cached_property
    def numbers(self) -> NumbersVsEyes | None:
        """The scores by people beside the metrics of the arms; None where fewer than two arms have metrics."""
        return numbers_vs_eyes(self.study, self.votes, self.summary)

    @classmethod
    def without_votes(cls, study: Study, summary: Summary) -> Self:
        """Return what is known of a study where only the summary was sent, as for a ranking."""
        return cls(study=study, votes=pd.DataFrame(columns=[*COLUMNS]), summary=summary)

    def title(self, arm: str) -> str:
        """Return the title of an arm."""
        return self.study.arm(arm).title


@dataclass(frozen=True)
class Freshness:
    """For how long an analysis, and what is written from it, may be shown.

    Attributes:
        seconds: until the votes have to be compared with the database again.
        long: whether it may be shown though new votes came: it took more than `LONG_S` to compute.
    """

    seconds: float
    long: bool


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """A cached analysis, and when it was computed.

    Attributes:
        analysis: the analysis.
        counted: the number of votes that this process had counted before it.
        version: of the study's votes in the database before it.
        seconds: of work that it took.
        ended: when it was done.
        checked: when the version was last compared with the database.
        state: of the study when it was computed: a page and a release show more once the study has closed.
    """

    analysis: Analysis
    counted: int
    version: tuple[int, ...]
    seconds: float
    ended: float
    checked: float
    state: str

    def is_of(self, study: Study) -> bool:
        """Return whether it was computed from this study file, in the state in which the study is now."""
        return self.analysis.study is study and self.state == study.state()

    @property
    def expires(self) -> float:
        return self.checked + min(max(FRESH_S, PATIENCE * self.seconds), max(LONGEST_S, self.seconds))


class Analyses:
    """Analyses of all studies. Safe to share between threads."""

    def __init__(
        self,
        library: StudyLibrary,
        store: Store,
        *,
        clock: Callable[[], float] = time.monotonic,
        work_clock: Callable[[], float] | None = None,
    ) -> None:
        """Take the studies and the vote database.

        Args:
            library: the studies.
            store: the vote database.
            clock: seconds.
            work_clock: seconds of work by which the cost of an analysis is measured; the clock by default. In a process
                of a low priority it is that of the processor, for on a busy machine everything takes long there.
        """
        self._library = library
        self._store = store
        self._clock = clock
        self._work_clock = work_clock or clock
        self._entries: LRUCache[tuple[str, bool], _Entry] = LRUCache(MOST_VOTES, getsizeof=_size)
        self._keeping = threading.Lock()  # of the entries
        self._computing: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def freshness(self, name: str, *, include_flagged: bool = False) -> Freshness:
        """Return for how long the last analysis of a study may be shown; no time at all without one."""
        entry = self._entry((name, include_flagged))
        if entry is None:
            return Freshness(0.0, long=False)
        return Freshness(max(0.0, entry.expires - self._clock()), long=entry.seconds > LONG_S)

    def of(self, name: str, *, include_flagged: bool = False, counted: int = 0) -> Analysis:
        """Analyse a study's votes, or return the cached analysis.

        Args:
            name: name of the study.
            include_flagged: whether answers with a flag count too.
            counted: how many votes of the study the caller has counted, where it counts with another store than this.

        Raises:
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        study, counted = self._library.read(name), max(counted, self._store.counted(name))
        key = (name, include_flagged)
        if (good := self._good(key, study, counted)) is not None:
            return good
        with self._computing[name]:
            if (good := self._good(key, study, counted)) is not None:
                return good
            entry = self._entry(key)
            counted, version = max(counted, self._store.counted(name)), self._store.version(name)
            if entry is not None and entry.is_of(study):
                if entry.version == version:  # nobody has voted since, in no process
                    self._keep(key, replace(entry, counted=counted, checked=self._clock()))
                    return entry.analysis
                time.sleep(min(max(entry.ended + entry.seconds - self._clock(), 0.0), LONG_S))
            started, state = self._work_clock(), study.state()
            counted, version = max(counted, self._store.counted(name)), self._store.version(name)
            analysis = analysed(study, self._store.results(name), include_flagged=include_flagged)
            seconds, ended = self._work_clock() - started, self._clock()
            self._keep(
                key,
                _Entry(
                    analysis=analysis,
                    counted=counted,
                    version=version,
                    seconds=seconds,
                    ended=ended,
                    checked=ended,
                    state=state,
                ),
            )
            return analysis

    def _good(self, key: tuple[str, bool], study: Study, counted: int) -> Analysis | None:
        """Return the last analysis, unless it is out of date."""
        entry = self._entry(key)
        if entry is None or not entry.is_of(study) or self._clock() >= entry.expires:
            return None
        return entry.analysis if entry.counted >= counted or entry.seconds > LONG_S else None

    def _entry(self, key: tuple[str, bool]) -> _Entry | None:
        with self._keeping:
            return self._entries.get(key)

    def _keep(self, key: tuple[str, bool], entry: _Entry) -> None:
        with self._keeping:
            self._entries[key] = entry


def _size(entry: _Entry) -> int:
    """What an entry takes of `MOST_VOTES`; one study alone is kept however many votes it has."""
    return min(1 + len(entry.analysis.votes), MOST_VOTES)


def analysed(study: Study, votes: pd.DataFrame, *, include_flagged: bool) -> Analysis:
    """Analyse votes, as `Store.results` returns them, by the rules of their study."""
    arms, thresholds = [arm.id for arm in study.competing], thresholds_of(study)
    check = check_raters(votes, arms, thresholds)
    votes = flagged(votes, check)
    summary = summarise(
        votes,
        arms,
        real=[arm.id for arm in study.competing if arm.real],
        include_flagged=include_flagged,
        thresholds=thresholds,
        rater_check=check,
    )
    return Analysis(study=study, votes=votes, summary=summary)


def thresholds_of(study: Study) -> Thresholds | None:
    """Return the thresholds for raters that a study file declares."""
    return None if study.exclusion is None else Thresholds(**study.exclusion.model_dump())
