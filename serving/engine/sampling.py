"""The sampling part of the engine contract: generators, samples with their z, walks, attention. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from PIL import Image

Way = Literal["slerp", "lerp"]
Z_LIMIT = 4.0  # how far a slider moves one latent number, in standard deviations
OWN = "own/"  # begins the name of a generator that a visitor trained or brought as a file


@dataclass(frozen=True)
class GeneratorInfo:
    """A generator that can be sampled, and its snapshots along the training.

    Attributes:
        name: what every method calls it: a bundled model's name, or `org/name@commit` for one from the Hub.
        title: its name for people.
        z_dim: how many numbers its latent vector z has.
        size: side of a picture in pixels.
        steps: the training steps after which a snapshot was kept, the last one fully trained.
        shows: what there is to see in it, in one or two sentences.
        attends: whether `attention` works on it.
        browser_bytes: length of its `browser_file`, within 2 %; 0 where it has none.
        labels: what can be chosen or blended by `blend`, in the order of the last numbers of z; most have none.
    """

    name: str
    title: str
    z_dim: int
    size: int
    steps: tuple[int, ...]
    shows: str = ""
    attends: bool = False
    browser_bytes: int = 0
    labels: tuple[str, ...] = ()

    @property
    def in_browser(self) -> bool:
        """Whether `browser_file` gives it to the page."""
        return self.browser_bytes > 0


@dataclass(frozen=True)
class Samples:
    """The pictures that a generator draws, and the latent vector z behind each, in the same order."""

    pictures: tuple[Image.Image, ...]
    z: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Waypoint:
    """One picture on the way through the latent space."""

    picture: Image.Image
    length: float  # of its z: sqrt(z_dim) is usual


class Sampler(Protocol):
    """Sampling of generators.

    Every method that takes a `model` takes the name of a bundled generator, or `org/name@commit` of one on the Hub: no
    call depends on an earlier one, so any process can answer it. The names that `LiveTrainer` gives are the exception:
    they hold in the process that gave them, and for a while. Pictures are RGB, or mode L with the drawing dark on
    white: digits are stored white on black and inverted.
    """

    def generators(self) -> list[GeneratorInfo]:
        """The bundled generators, the default first."""

    @property
    def welcomes_guests(self) -> bool:
        """Whether generators from the Hub are allowed."""

    def bring(self, address: str) -> GeneratorInfo:
        """Fetch a generator that somebody published on the Hub, and pin it to a commit.

        Args:
            address: `org/name` or `org/name@revision` on the configured Hub.

        Returns:
            Its description; the name is `org/name@commit`, with all 40 digits of the commit.

        Raises:
            EngineError: it is switched off, can't be fetched, or does not fit; the message names the key or shape.
        """

    def sample(self, model: str, *, step: int, seed: int, count: int) -> Samples:
        """Draw `count` samples from one seed.

        Raises:
            EngineError: the model or the step is unknown.
        """

    def latent(self, model: str, *, seed: int, index: int) -> list[float]:
        """The latent vector z behind sample `index` of a seed.

        Raises:
            EngineError: the model is unknown.
        """

    def influential(self, model: str, *, count: int) -> list[int]:
        """The indices i whose z_i changes the last snapshot's pictures most, strongest first.

        Raises:
            EngineError: the model is unknown.
        """

    def directions(self, model: str, *, count: int) -> list[list[float]]:
        """The unit vectors in z that change the last snapshot's pictures most, strongest first.

        Raises:
            EngineError: the model is unknown, or z has fewer numbers.
        """

    def browser_file(self, model: str, *, step: int) -> bytes:
        """A snapshot as a safetensors file for `demos/page/generator.js`, which draws what `sample` draws.

        Raises:
            EngineError: the model or the step is unknown, or a browser can't run the model.
        """

    def walk(self, model: str, *, step: int, seed: int, ends: tuple[int, int], count: int, way: Way) -> list[Waypoint]:
        """Go from one sample of a seed to another, in even steps.

        Args:
            model: the generator's name.
            step: of the snapshot.
            seed: of both samples.
            ends: indices of the first and the last sample.
            count: how many pictures, the two ends included: at least 2.
            way: "slerp" goes round the origin, "lerp" in a straight line.

        Raises:
            EngineError: the model or the step is unknown.
        """

    def attention(self, model: str, *, step: int, seed: int, index: int, place: tuple[float, float]) -> Image.Image:
        """Show what one place of a sample attends to: that stays bright, the rest fades.

        Args:
            model: a generator whose info says that it `attends`.
            step: of the snapshot.
            seed: of the sample.
            index: which sample.
            place: from the left and from the top, 0 to 1 of the side.

        Raises:
            EngineError: the model or the step is unknown, or the model has no attention.
        """

    def move(self, model: str, *, step: int, seed: int, index: int, moved: Mapping[int, float]) -> Image.Image:
        """Draw sample `index` of a seed again with some z_i replaced.

        Raises:
            EngineError: the model, the step or an index i is unknown, or a value exceeds `Z_LIMIT`.
        """
