"""Summaries of studies for the pages and the API: reckoned when asked for, kept for some seconds, one at a time.

Who has voted finds the vote in the ranking. All who asked before a reckoning began share it, and after each comes a
rest as long: votes and questions, however many, leave half of a core to others. What takes long is kept regardless.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from evaluation.qualitative.ranking.responses import sift
from evaluation.qualitative.ranking.summary import Summary, summarise
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.library import StudyLibrary
from evaluation.qualitative.study.schema import Study

FRESH_S = 3.0
PATIENCE = 20  # a summary that took a second is kept for twenty
LONG_S = 0.5  # nobody is kept waiting for a summary that takes longer: it may lack the newest votes


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """A study, its votes, and what they say.

    Attributes:
        study: which study.
        votes: all answers with their flags, as `Store.results` returns them.
        summary: of those that count.
    """

    study: Study
    votes: pd.DataFrame
    summary: Summary

    @property
    def seconds(self) -> list[float]:
        """Response times of the answers that count."""
        counted = sift(self.votes, include_flagged=self.summary.flagged_included).counted
        return [float(ms) / 1000 for ms in counted["response_ms"].dropna()]

    def title(self, arm: str) -> str:
        """What an arm is called."""
        return self.study.arm(arm).title


@dataclass(frozen=True, kw_only=True)
class _Reckoned:
    """An analysis, how many votes this process had counted before it, and when it was made."""

    found: Analysis
    counted: int
    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.begun

    @property
    def until(self) -> float:
        return self.ended + max(FRESH_S, PATIENCE * self.seconds)


class Analyses:
    """Analyses of all studies; safe to share between threads."""

    def __init__(self, shelf: StudyLibrary, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the studies and the database with the votes."""
        self._shelf = shelf
        self._store = store
        self._clock = clock
        self._known: dict[tuple[str, bool], _Reckoned] = {}
        self._reckoning = threading.Lock()

    def seconds_left(self, name: str) -> float:
        """How long what was last found about a study is still kept."""
        known = self._known.get((name, False))
        return 0.0 if known is None else max(0.0, known.until - self._clock())

    def of(self, name: str, *, include_flagged: bool = False) -> Analysis:
        """Analyse a study's votes, or return what was found some seconds ago.

        Raises:
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        study, counted = self._shelf.read(name), self._store.counted(name)
        key = (name, include_flagged)
        with self._reckoning:
            known = self._known.get(key)
            if known is not None and known.found.study is study:
                if self._clock() < known.until and (known.counted >= counted or known.seconds > LONG_S):
                    return known.found
                time.sleep(min(max(known.ended + known.seconds - self._clock(), 0.0), LONG_S))
            begun, counted = self._clock(), self._store.counted(name)
            votes = self._store.results(name)
            arms = study.competing
            summary = summarise(
                votes,
                [arm.id for arm in arms],
                real=[arm.id for arm in arms if arm.real],
                include_flagged=include_flagged,
            )
            found = Analysis(study=study, votes=votes, summary=summary)
            self._known[key] = _Reckoned(found=found, counted=counted, begun=begun, ended=self._clock())
            return found
