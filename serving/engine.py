"""What the tabs can ask for: the one seam between the page and the machine that does the work."""

from __future__ import annotations

from typing import Protocol

from serving.painter import Painter
from serving.restyler import Restyler
from serving.sampler import Z_LIMIT, GeneratorInfo, Sampler

__all__ = ["Z_LIMIT", "Engine", "EngineError", "GeneratorInfo"]


class EngineError(ValueError):
    """A request that no engine can answer; the message says why, for people."""


class Engine(Restyler, Painter, Sampler, Protocol):
    """Style transfer and sampling, on whatever machine.

    Pictures come back as `PIL.Image`. Every method may be called from several threads.
    """

    def sources(self) -> list[str]:
        """A sentence for each network whose weights are not the bundled ones, or are so only for want of the Hub."""
