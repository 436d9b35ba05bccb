"""The run of each visitor, and its losses from the start."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from cachetools import LRUCache

from serving.engine.live_training import LiveRecipe, LossPoint

MOST = 64  # visitors
MOST_VALUES = 240  # of a curve: more can't be seen


@dataclass
class LossHistory:
    """The mean losses of equal numbers of steps, which grow with the run.

    Attributes:
        every: steps behind a value.
        steps: in all.
    """

    every: int = 1
    steps: int = 0
    _sums: list[tuple[float, int, float, int]] = field(default_factory=list)  # of D and G, each with its count

    def add(self, points: Sequence[LossPoint]) -> None:
        """Take in further steps, in their order."""
        for point in points:
            self.steps = point.step
            place = (point.step - 1) // self.every
            while place >= MOST_VALUES:
                self._halve()
                place = (point.step - 1) // self.every
            self._sums.extend([(0.0, 0, 0.0, 0)] * (place + 1 - len(self._sums)))
            d, d_count, g, g_count = self._sums[place]
            if point.d_loss is not None:
                d, d_count = d + point.d_loss, d_count + 1
            if point.g_loss is not None:
                g, g_count = g + point.g_loss, g_count + 1
            self._sums[place] = d, d_count, g, g_count

    @property
    def discriminator(self) -> list[float]:
        """D's losses; NaN where it made no step."""
        return [d / count if count else math.nan for d, count, _, _ in self._sums]

    @property
    def generator(self) -> list[float]:
        """G's losses; NaN where it made no step."""
        return [g / count if count else math.nan for _, _, g, count in self._sums]

    def _halve(self) -> None:
        self.every *= 2
        pairs = [self._sums[i : i + 2] for i in range(0, len(self._sums), 2)]
        self._sums = [
            (sum(s[0] for s in pair), sum(s[1] for s in pair), sum(s[2] for s in pair), sum(s[3] for s in pair))
            for pair in pairs
        ]


@dataclass(frozen=True)
class VisitorRun:
    """A visitor's run.

    Attributes:
        handle: of the engine.
        kinds: the names of the kinds of picture.
        recipe: what is trained, and how.
        losses: from the start.
    """

    handle: str
    kinds: tuple[str, ...]
    recipe: LiveRecipe
    losses: LossHistory = field(default_factory=LossHistory)


class VisitorRuns:
    """The newest run of each visitor; beyond `most` the one that was not used for longest is dropped."""

    def __init__(self, most: int = MOST) -> None:
        self._lock = threading.Lock()
        self._runs: LRUCache[str, VisitorRun] = LRUCache(most)

    def put(self, visitor: str, run: VisitorRun) -> None:
        """Keep a visitor's run in place of the one before."""
        with self._lock:
            self._runs[visitor] = run

    def get(self, visitor: str) -> VisitorRun | None:
        """A visitor's run, or None."""
        with self._lock:
            return self._runs.get(visitor)

    def take(self, visitor: str) -> VisitorRun | None:
        """Forget a visitor's run and return it, or None."""
        with self._lock:
            return self._runs.pop(visitor, None)
