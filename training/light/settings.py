"""The training settings of the light style network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """A run of `steps` batches."""

    name: str = "light-style"
    steps: int = 2300
    batch: int = 4
    pairs: int = 800  # training pairs
    thinned: int = 40  # of these, pairs that the thinned start is fitted on
    seed: int = 0
    rate: float = 8e-4
    warm: int = 20  # warm-up steps; after them the rate falls to zero as a cosine
    ema: float = 0.99
    grams: float = 0.5  # weight of the Gram loss; the feature and the pixel loss have weight 1

    @property
    def snapshots(self) -> list[int]:
        """Only the last step."""
        return [self.steps]
