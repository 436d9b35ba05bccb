"""The part of the engine contract for a detector of machine-made pictures, which is often wrong. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PIL import Image


@dataclass(frozen=True)
class DetectorOpinion:
    """What the detector says of a picture.

    Attributes:
        score: 0 … 1; higher looks more machine-made to it.
        threshold: from which score on it says 'machine-made'.
    """

    score: float
    threshold: float

    @property
    def machine_made(self) -> bool:
        """Its verdict, right or wrong."""
        return self.score >= self.threshold


class MachineDetector(Protocol):
    """A detector that is optional: its files are not part of the app."""

    def detector_missing(self) -> str:
        """What to do to install the detector, a sentence; empty where it is there."""

    def machine_made(self, picture: Image.Image) -> DetectorOpinion:
        """Whether a picture looks machine-made to the detector.

        Raises:
            EngineError: the detector is not installed.
        """
