"""The exploring part of the engine contract: any latent vector, ways between them, kinds, projections. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from serving.engine.sampling import Way, Waypoint

Latent = Sequence[float]
FEWEST_STOPS, MOST_STOPS = 2, 16  # points on a round walk
MOST_POINTS = 64  # that one call draws
LONGEST = 6.0  # of z, in units of sqrt(z_dim), where samples have about 1


@dataclass(frozen=True)
class Projection:
    """The nearest picture to a visitor's own that a generator was brought to draw so far.

    Attributes:
        step: of the search, from 0.
        steps: how many there are.
        z: the latent vector.
        picture: what the generator draws from it.
        target: what it should be: the visitor's picture, as the generator's training pictures are kept.
        error: between the two, root mean square in levels of 255.
    """

    step: int
    steps: int
    z: tuple[float, ...]
    picture: Image.Image
    target: Image.Image
    error: float


class Explorer(Protocol):
    """Latent vectors that belong to no seed. `model` and `step` are those of `Sampler`."""

    def draw(self, model: str, *, step: int, z: Sequence[Latent]) -> list[Waypoint]:
        """Draw latent vectors, up to `MOST_POINTS`.

        Raises:
            EngineError: the model or the step is unknown, or a vector has another length or holds what is no number.
        """

    def between(
        self, model: str, *, step: int, start: Latent, end: Latent, count: int, way: Way
    ) -> list[tuple[Waypoint, list[float]]]:
        """Go from one latent vector to another, in even steps.

        Args:
            model: the generator's name.
            step: of the snapshot.
            start: the first vector.
            end: the last.
            count: how many pictures, the two included: 2 to `MOST_POINTS`.
            way: as in `Sampler.walk`.

        Returns:
            The pictures, each with its vector.

        Raises:
            EngineError: as in `draw`.
        """

    def round_walk(self, model: str, *, step: int, stops: Sequence[Latent], frames: int) -> Iterator[Waypoint]:
        """Go from each vector to the next around the origin, and from the last to the first.

        Args:
            model: the generator's name.
            step: of the snapshot.
            stops: `FEWEST_STOPS` to `MOST_STOPS` vectors.
            frames: pictures from a vector to the next, the first of the two included.

        Raises:
            EngineError: as in `draw`, before the first picture; or the number of vectors is out of range.
        """

    def combine(self, model: str, *, weights: Sequence[float], z: Sequence[Latent]) -> list[float]:
        """Add up latent vectors, each times its weight: 1, -1, 1 is a - b + c (Radford et al., 2016, section 6.3.2).

        The length becomes the mean of the vectors' lengths, for a sum is longer than any sample that was ever drawn.

        Raises:
            EngineError: as in `draw`; or the sum has no direction.
        """

    def kinds(self, model: str, *, step: int, judge: str) -> tuple[int, ...]:
        """How often each kind appears among samples of one seed, as a classifier of the data set sees them.

        Three stacked digits make 1000 kinds: hundreds, tens and ones.

        Raises:
            EngineError: the model or the step is unknown, or the judge is no classifier of its pictures.
        """

    def project(self, model: str, *, step: int, picture: Image.Image) -> Iterator[Projection]:
        """Search for the latent vector whose picture is nearest to a visitor's own.

        Closing the iterator ends the search.

        Args:
            model: the generator's name.
            step: of the snapshot.
            picture: of any size and mode; a digit may be dark on white or white on dark.

        Raises:
            EngineError: the model or the step is unknown, or the picture is blank; before the first item.
        """
