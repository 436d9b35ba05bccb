"""What a discriminator says of samples: the contract. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class SampleVerdicts:
    """A discriminator's answers to some samples, in their order.

    Attributes:
        scores: positive leans to real, negative to generated.
        probabilities: that a sample is real, 0 to 1; None where the discriminator learned to compare and not to answer
            with a probability (a critic), so that only the order of its scores means something.
    """

    scores: tuple[float, ...]
    probabilities: tuple[float, ...] | None


class SampleJudge(Protocol):
    """The discriminators that are bundled, each as it was at the end of its training."""

    def judged(self) -> frozenset[str]:
        """The names of the generators whose discriminator is bundled."""

    def verdicts(self, model: str, *, step: int, seed: int, count: int, judge: str | None = None) -> SampleVerdicts:
        """Let a discriminator look at the samples that `sample` draws from the same arguments.

        Args:
            model: the generator's name.
            step: of its snapshot.
            seed: of the samples.
            count: how many.
            judge: the generator whose discriminator looks; None is the model itself.

        Raises:
            EngineError: the model, the step or the judge is unknown, the judge has no discriminator, or it learned from
                pictures of another size or number of colours.
        """
