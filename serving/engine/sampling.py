"""What the tabs can ask of GANs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from PIL import Image

Way = Literal["slerp", "lerp"]
Z_LIMIT = 4.0  # how far a slider moves one latent number, in standard deviations


@dataclass(frozen=True)
class GeneratorInfo:
    """A generator that can be sampled, and its snapshots along the training."""

    name: str
    title: str
    z_dim: int
    size: int  # side of a picture in pixels
    steps: tuple[int, ...]
    shows: str = ""  # what there is to see in it, a sentence
    attends: bool = False  # whether it can tell where it looks


@dataclass(frozen=True)
class Waypoint:
    """One picture on the way through the latent space."""

    picture: Image.Image
    length: float  # of its z: sqrt(z_dim) is usual


class Sampler(Protocol):
    """Sampling of generators. Pictures are RGB, or mode L as ink on paper, for digits are stored white on black."""

    def generators(self) -> list[GeneratorInfo]:
        """The generators at hand, the default first."""

    @property
    def welcomes_guests(self) -> bool:
        """Whether `bring` is switched on."""

    def bring(self, address: str) -> GeneratorInfo:
        """Fetch a generator that somebody published, so that `sample` knows it by the name returned.

        Args:
            address: `org/name` or `org/name@revision` on the configured Hub.

        Raises:
            EngineError: it is switched off, can't be had, or does not fit; the message names the key or shape.
        """

    def sample(self, model: str, *, step: int, seed: int, count: int) -> list[Image.Image]:
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
        """The indices i whose z_i moves the last snapshot's pictures most, strongest first."""

    def walk(self, model: str, *, step: int, seed: int, ends: tuple[int, int], count: int, way: Way) -> list[Waypoint]:
        """Go from one sample of a seed to another, in even steps.

        Args:
            model: the generator's name.
            step: of the snapshot.
            seed: of both samples.
            ends: which samples.
            count: how many pictures, the ends among them: at least 2.
            way: "slerp" goes round the origin, "lerp" straight.

        Raises:
            EngineError: the model or the step is unknown.
        """

    def attention(self, model: str, *, step: int, seed: int, index: int, place: tuple[float, float]) -> Image.Image:
        """Show where a place of a sample looks: what it looks at stays, the rest fades.

        Args:
            model: a generator whose info says that it `attends`.
            step: of the snapshot.
            seed: of the sample.
            index: which sample.
            place: from the left and from the top, 0 to 1 of the side.

        Raises:
            EngineError: the model or the step is unknown, or it does not attend.
        """

    def move(self, model: str, *, step: int, seed: int, index: int, moved: Mapping[int, float]) -> Image.Image:
        """Draw sample `index` of a seed again with some z_i replaced.

        Raises:
            EngineError: the model, the step or an index i is unknown, or a value exceeds `Z_LIMIT`.
        """
