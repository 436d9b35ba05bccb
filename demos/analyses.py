"""Summaries of studies for the pages and the API: reckoned when asked for, kept for some seconds, one at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from evaluation.qualitative.responses import sift
from evaluation.qualitative.shelf import Shelf
from evaluation.qualitative.store import Store
from evaluation.qualitative.study import Study
from evaluation.qualitative.summary import Summary, summarise

FRESH_S = 3.0
PATIENCE = 4  # a summary that took a second is kept for four


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


class Analyses:
    """Analyses of all studies; safe to share between threads."""

    def __init__(self, shelf: Shelf, store: Store, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the studies and the database with the votes."""
        self._shelf = shelf
        self._store = store
        self._clock = clock
        self._known: dict[tuple[str, bool], tuple[float, Analysis]] = {}
        self._reckoning = threading.Lock()

    def seconds_left(self, name: str) -> float:
        """How long what was last found about a study is still kept."""
        known = self._known.get((name, False))
        return 0.0 if known is None else max(0.0, known[0] - self._clock())

    def of(self, name: str, *, include_flagged: bool = False) -> Analysis:
        """Analyse a study's votes, or return what was found some seconds ago.

        Raises:
            StudyError: there is no such study.
            StoreUnavailableError: the database does not answer.
        """
        study = self._shelf.read(name)
        key = (name, include_flagged)
        with self._reckoning:
            known = self._known.get(key)
            if known is not None and self._clock() < known[0] and known[1].study is study:
                return known[1]
            begun = self._clock()
            votes = self._store.results(name)
            arms = study.competing
            summary = summarise(
                votes,
                [arm.id for arm in arms],
                real=[arm.id for arm in arms if arm.real],
                include_flagged=include_flagged,
            )
            found = Analysis(study=study, votes=votes, summary=summary)
            now = self._clock()
            self._known[key] = (now + max(FRESH_S, PATIENCE * (now - begun)), found)
            return found
