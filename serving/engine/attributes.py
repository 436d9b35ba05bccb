"""The part of the engine contract for looking into a generator: its labels, what its directions mean, what was counted.

Imports no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serving.engine.sampling import Samples


@dataclass(frozen=True)
class NamedDirection:
    """A direction in z that was found by what it changes.

    Attributes:
        title: what it changes, for people.
        low: what there is more of at its negative end.
        high: what there is more of at its positive end.
        vector: a unit vector, as long as z.
    """

    title: str
    low: str
    high: str
    vector: tuple[float, ...]


@dataclass(frozen=True)
class Counted:
    """How often an attribute has a value: in the training pictures, and in samples as a classifier sees them.

    Attributes:
        attribute: for example "skin".
        value: for example "darker".
        in_data: share of the training pictures, 0 … 1.
        in_samples: share of the samples, 0 … 1.
    """

    attribute: str
    value: str
    in_data: float
    in_samples: float


class AttributeReader(Protocol):
    """Looking into a generator; `model` is what it is in `serving.engine.sampling.Sampler`."""

    def blend(self, model: str, *, step: int, seed: int, count: int, shares: Sequence[float]) -> Samples:
        """Draw the samples of a seed with a mix of labels.

        Args:
            model: a generator whose info has `labels`.
            step: of the snapshot.
            seed: of the samples.
            count: how many.
            shares: of each label, at least 0; they are scaled to sum to 1.

        Raises:
            EngineError: the model or the step is unknown, the model has no labels, or the shares do not fit them.
        """

    def named_directions(self, model: str) -> list[NamedDirection]:
        """The directions of a bundled generator that were found by what they change; most have none.

        Raises:
            EngineError: the model is unknown.
        """

    def counted(self, model: str) -> list[Counted]:
        """What was counted of a bundled generator whose training pictures' attributes are known; most have nothing.

        Raises:
            EngineError: the model is unknown.
        """
