"""Classification, detection and segmentation of one picture: what a tab may ask, and the answers. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

LEAST = 0.05  # probability of a box that `detect` returns


@dataclass(frozen=True)
class Guess:
    """A class that a classifier names.

    Attributes:
        label: the class in words.
        probability: 0 … 1.
        kind: number of the class, for `PictureViewer.explain`.
    """

    label: str
    probability: float
    kind: int


@dataclass(frozen=True)
class Box:
    """A thing that a detector found; its sides are fractions of the picture's, 0 … 1."""

    label: str
    probability: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Segment:
    """A class that covers a part of a picture.

    Attributes:
        label: the class in words.
        share: of the picture's pixels, 0 … 1.
        colour: in the overlay, as #rrggbb.
    """

    label: str
    share: float
    colour: str


@dataclass(frozen=True)
class Segments:
    """A picture divided into classes.

    Attributes:
        classes: those that cover something, the largest first; the background is none of them.
        overlay: RGBA, to be stretched over the picture; the background is transparent.
    """

    classes: tuple[Segment, ...]
    overlay: Image.Image


@dataclass(frozen=True)
class Explanation:
    """Why a classifier named a class.

    Attributes:
        box: the square that it looked at: left, top, right, bottom, as fractions of the picture's sides.
        heat: RGBA, to be stretched over that square: the warmer and the more opaque, the more this place spoke for the
            class.
    """

    box: tuple[float, float, float, float]
    heat: Image.Image


class PictureViewer(Protocol):
    """Networks that look at one RGB picture, of any size from 16 pixels a side."""

    def classify(self, picture: Image.Image, *, top: int = 5) -> list[Guess]:
        """Name what the middle of a picture shows: one of ImageNet's 1,000 kinds, by EfficientNet-Lite0.

        Args:
            picture: of mode RGB.
            top: how many guesses, 1 … 1000, the likeliest first.
        """

    def explain(self, picture: Image.Image, kinds: Sequence[int]) -> list[Explanation]:
        """Show which places spoke for a class.

        Args:
            picture: of mode RGB.
            kinds: numbers of the classes, as in `Guess.kind`.

        Raises:
            EngineError: there is no such class.
        """

    def detect(self, picture: Image.Image) -> list[Box]:
        """Find things of COCO's 80 kinds by EfficientDet-Lite0: at most 25 boxes above `LEAST`, the likeliest first."""

    def segment(self, picture: Image.Image) -> Segments:
        """Give each pixel one of PASCAL VOC's 20 classes, or the background, by DeepLab v3."""

    def subject(self, picture: Image.Image) -> Image.Image:
        """The mask of what stands out, of mode L and the picture's size, by U²-Netp.

        Raises:
            EngineError: nothing stands out.
        """

    def ready_to_view(self) -> None:
        """Load the networks, so that the first picture takes no longer than those that follow."""
