"""Where a visitor was in the latent space: what undo and redo go back and forth between, and the pinned points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from demos.gan.explorer.points import LatentPoint

MOST = 100  # points that can be undone
PINS = ("A", "B", "C")


@dataclass(frozen=True)
class Visited:
    """The point on the page, those before it and those that were undone, and the pins.

    Attributes:
        start: where Reset goes back to.
        now: the point on the page.
        before: earlier points, the newest last.
        after: undone points, the next one last.
        pins: points by their letter.
    """

    start: LatentPoint
    now: LatentPoint
    before: tuple[LatentPoint, ...] = ()
    after: tuple[LatentPoint, ...] = ()
    pins: Mapping[str, LatentPoint] = field(default_factory=dict)

    @classmethod
    def begin(cls, start: LatentPoint) -> Visited:
        """Nothing visited yet but the start."""
        return cls(start, start)

    def go(self, point: LatentPoint) -> Visited:
        """Move on; what was undone is forgotten."""
        if point == self.now:
            return self
        return replace(self, now=point, before=(*self.before, self.now)[-MOST:], after=())

    def undo(self) -> Visited:
        """Back to the point before; the first one stays."""
        if not self.before:
            return self
        return replace(self, now=self.before[-1], before=self.before[:-1], after=(*self.after, self.now))

    def redo(self) -> Visited:
        """Forward to what was undone last."""
        if not self.after:
            return self
        return replace(self, now=self.after[-1], before=(*self.before, self.now), after=self.after[:-1])

    def reset(self) -> Visited:
        """Back to the start, which can be undone."""
        return self.go(self.start)

    def pin(self, letter: str) -> Visited:
        """Keep the point on the page."""
        return replace(self, pins={**self.pins, letter: self.now})
