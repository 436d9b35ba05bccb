"""How long the light network is trained, and on what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """A run of `steps` batches."""

    name: str = "light-style"
    steps: int = 2300
    batch: int = 4
    pairs: int = 800  # to learn from
    thinned: int = 40  # of them, that the start is fitted on
    seed: int = 0
    rate: float = 8e-4
    warm: int = 20  # steps until the rate is reached; from there it falls to zero like a cosine
    ema: float = 0.99
    grams: float = 0.5  # weight of the Gram matrices' distance; the features' and the pixels' is 1

    @property
    def snapshots(self) -> list[int]:
        """The last step alone."""
        return [self.steps]
