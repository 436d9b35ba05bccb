"""The newest picture of each visitor's painting, so that it can be shown again and continued."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

from cachetools import LRUCache

from demos.style.request import Scene
from models.style.options import Point
from serving.engine.painting import PaintedFrame, Painter
from serving.engine.settings import RestyleSettings

MOST = 64  # visitors; a painting at 384 px takes about a megabyte


@dataclass(frozen=True)
class PaintingInProgress:
    """A painting as it stands.

    Attributes:
        scene: what is painted, and by which paintings.
        settings: of the colours and of the preparation.
        frame: the newest frame, with the handle to go on from it.
        curve: the losses of all steps.
    """

    scene: Scene
    settings: RestyleSettings
    frame: PaintedFrame
    curve: tuple[Point, ...]


class PaintingsInProgress:
    """The newest painting of each visitor; beyond `most` the one that was not used for longest is dropped.

    Args:
        engine: forgets a painting that is cleared.
        most: visitors.
    """

    def __init__(self, engine: Painter, most: int = MOST) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._paintings: LRUCache[str, PaintingInProgress] = LRUCache(most)

    def put(self, visitor: str, painting: PaintingInProgress) -> None:
        """Keep a visitor's painting in place of the one before."""
        with self._lock:
            self._paintings[visitor] = painting

    def get(self, visitor: str) -> PaintingInProgress | None:
        """A visitor's painting, or None where there is none or it was dropped."""
        with self._lock:
            return self._paintings.get(visitor)

    def clear(self, visitor: str) -> None:
        """Drop a visitor's painting, and what it could go on from."""
        with self._lock:
            painting = self._paintings.pop(visitor, None)
        if painting is not None:
            self._engine.forget_painting(painting.frame.resume)


def going_on(
    engine: Painter, frames: Iterator[PaintedFrame], before: PaintingInProgress | None
) -> Iterator[PaintedFrame]:
    """Hand out the frames of a painting; once there is one, nothing is kept of what it went on from.

    Args:
        engine: paints it.
        frames: of `paint`.
        before: the painting as it stood, or None where this one is new.
    """
    for frame in frames:
        if before:
            engine.forget_painting(before.frame.resume)
            before = None
        yield frame


def painted_once(engine: Painter, frames: Iterator[PaintedFrame]) -> Iterator[PaintedFrame]:
    """Hand out the frames of a painting that nobody goes on from, and keep nothing of it at its end.

    Args:
        engine: paints it.
        frames: of `paint` or `reconstruct`.
    """
    resume = ""
    try:
        for frame in frames:
            resume = frame.resume
            yield frame
    finally:
        if resume:
            engine.forget_painting(resume)
