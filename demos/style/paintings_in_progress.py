"""Paintings in progress and those that were stopped, one a visitor, so that 'continue' can go on from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from demos.style.request import Scene
from models.style.options import Point
from serving.engine.painting import PaintedFrame
from serving.engine.settings import RestyleSettings

ROOM = 8  # paintings; one at 384 px takes 6 MB with Adam, 60 MB with L-BFGS


@dataclass(frozen=True)
class Canvas:
    """A painting as it stands.

    Attributes:
        scene: what is painted, and by which paintings.
        settings: of the colours and of the preparation.
        frame: the newest frame.
        curve: the losses of all steps.
    """

    scene: Scene
    settings: RestyleSettings
    frame: PaintedFrame
    curve: tuple[Point, ...]


class Easel:
    """Keeps the newest canvas of each visitor; when there is no more room, who was away longest loses theirs."""

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self._lock = threading.Lock()
        self._canvases: OrderedDict[str, Canvas] = OrderedDict()

    def put(self, visitor: str, canvas: Canvas) -> None:
        """Keep a visitor's canvas in the place of the one before."""
        with self._lock:
            self._canvases[visitor] = canvas
            self._canvases.move_to_end(visitor)
            while len(self._canvases) > self.room:
                self._canvases.popitem(last=False)

    def get(self, visitor: str) -> Canvas | None:
        """A visitor's canvas, unless there is none or it had to make room."""
        with self._lock:
            return self._canvases.get(visitor)

    def clear(self, visitor: str) -> None:
        """Forget a visitor's canvas."""
        with self._lock:
            self._canvases.pop(visitor, None)
