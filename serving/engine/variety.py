"""Samples that are near another one or near the average, and how varied samples are. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serving.engine.sampling import Samples

MOST_ALIKE = 64  # samples of one call


@dataclass(frozen=True)
class SampleVariety:
    """How much samples differ from each other.

    Attributes:
        samples: how many were compared.
        distance: the mean distance of two samples, in percent of what it is without truncation.
        kinds: how many kinds of picture a classifier sees among them; None where no classifier knows the kinds.
        all_kinds: how many kinds there are; None where `kinds` is.
    """

    samples: int
    distance: float
    kinds: int | None
    all_kinds: int | None


class VarietySampler(Protocol):
    """Truncation, its measured effect, and neighbours of a point in the latent space."""

    def truncated(self, model: str, *, step: int, seed: int, count: int, psi: float) -> Samples:
        """Draw the samples of `sample` with every z drawn towards 0, the mean of all z.

        Args:
            model: the generator's name.
            step: of the snapshot.
            seed: of the samples.
            count: how many.
            psi: 1 leaves z as it is, 0 makes all samples the same.

        Raises:
            EngineError: the model or the step is unknown, or psi is not in 0 to 1.
        """

    def variety(self, model: str, *, step: int, psi: float) -> SampleVariety:
        """Measure how varied truncated samples are.

        Raises:
            EngineError: as `truncated` does.
        """

    def alike(self, model: str, *, step: int, z: Sequence[float], count: int, spread: float, seed: int = 0) -> Samples:
        """Draw samples around a point of the latent space, each as far from it as the others.

        Args:
            model: the generator's name.
            step: of the snapshot.
            z: the point, as many finite numbers as the generator's latent vector has.
            count: how many samples, 1 to `MOST_ALIKE`.
            spread: how far from the point, 0 to 1: 0 is the point, 1 has nothing to do with it.
            seed: of the directions.

        Raises:
            EngineError: the model or the step is unknown, or one of the numbers does not make sense.
        """
