"""What a detector said about the app's own pictures, as `python -m training.detector --record` wrote it down."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ANSWERS = FOLDER / "detector.json"


@dataclass(frozen=True)
class RecordedAnswer:
    """What the detector said about one picture.

    Attributes:
        path: the picture.
        title: what it is.
        machine: whether a machine made it.
        score: the detector's, 0 … 1.
        threshold: from which score on the detector says 'machine-made'.
    """

    path: Path
    title: str
    machine: bool
    score: float
    threshold: float

    @property
    def says_machine(self) -> bool:
        """The detector's verdict."""
        return self.score >= self.threshold


@functools.cache
def answers() -> list[RecordedAnswer]:
    """All recorded answers."""
    recorded = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return [
        RecordedAnswer(FOLDER / row["file"], row["title"], row["machine"], row["score"], recorded["threshold"])
        for row in recorded["pictures"]
    ]
