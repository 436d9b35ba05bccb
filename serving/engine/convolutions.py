"""Why convolutions: what a tab may ask about the filters of a network, and about two classifiers of moved digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class FirstFilter:
    """A filter of VGG-19's first layer, for a picture with red, green and blue in [0, 1].

    Attributes:
        weights: 27 numbers: for red, green and blue in turn three rows of three.
        bias: added to the sum; what is then below 0 becomes 0.
        responds_to: what it responds to, in words.
    """

    weights: tuple[float, ...]
    bias: float
    responds_to: str


@dataclass(frozen=True)
class AccuracyOverPlaces:
    """How often a classifier is right about digits that lie elsewhere than in the centre; shares from 0 to 1.

    Attributes:
        parameters: numbers that it learned.
        in_the_centre: over all test digits.
        mean_over_places: over all places.
        worst_place: at the place where it is right least often.
        places: row by row from the top left, as many as there are places in a row.
    """

    parameters: int
    in_the_centre: float
    mean_over_places: float
    worst_place: float
    places: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class ShiftedDigits:
    """What was measured of the pair: `digits` test digits at each place, and for each classifier the accuracies.

    Attributes:
        digits: test digits at each place.
        dense: the fully connected classifier.
        convolutional: convolutions and global pooling.
        unpooled: the same convolutions without the pooling; its weights are not kept.
    """

    digits: int
    dense: AccuracyOverPlaces
    convolutional: AccuracyOverPlaces
    unpooled: AccuracyOverPlaces


class ConvolutionViewer(Protocol):
    """What the section on convolutions shows."""

    def first_filters(self) -> list[FirstFilter]:
        """The 64 filters of VGG-19's first layer."""

    def shift_pair(self) -> bytes:
        """Both classifiers as a safetensors file, matrices in half precision: a browser computes with it."""

    def shifted_digits(self) -> ShiftedDigits:
        """How often both are right, by the place of the digit."""
