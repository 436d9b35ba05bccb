"""The training pictures that are nearest to a sample: does a generator copy what it learned from? Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from PIL import Image


@dataclass(frozen=True)
class NearestPictures:
    """A sample and the training pictures nearest to it, the nearest first.

    Attributes:
        sample: the sample.
        pictures: the training pictures.
        distances: of each, in the features of a classifier.
        usual: the median distance of real pictures that nobody trained on to their nearest training picture.
        searched: how many training pictures were compared.
    """

    sample: Image.Image
    pictures: tuple[Image.Image, ...]
    distances: tuple[float, ...]
    usual: float
    searched: int


@dataclass(frozen=True)
class NearestStep:
    """How far the search is; the last step has the result."""

    doing: str  # a sentence
    done: int
    total: int
    result: NearestPictures | None = None


class NearestFinder(Protocol):
    """The search among training pictures. They are fetched when somebody asks first, and kept."""

    def remembered(self) -> frozenset[str]:
        """The names of the generators whose training pictures can be searched."""

    def nearest(self, model: str, *, step: int, seed: int, index: int, count: int = 3) -> Iterator[NearestStep]:
        """Search the training pictures of a generator for those nearest to a sample.

        Closing the iterator stops the work.

        Args:
            model: the generator's name.
            step: of the snapshot.
            seed: of the sample.
            index: which sample of the seed.
            count: how many training pictures, 1 to 10.

        Raises:
            EngineError: the model or the step is unknown, its training pictures can't be searched, or they can't be
                fetched; the sentence says what to do.
        """
