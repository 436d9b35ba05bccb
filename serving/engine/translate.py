"""Redrawing a picture in another style of drawing and back again, by a CycleGAN. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PIL import Image


@dataclass(frozen=True)
class TranslatorInfo:
    """A network that redraws pictures; another one leads back.

    Attributes:
        name: what `translate` calls it.
        source: the style that it reads, such as "twemoji".
        target: the style that it draws.
        size: side of its pictures in pixels.
        steps: the training steps after which a snapshot was kept, the last one fully trained.
    """

    name: str
    source: str
    target: str
    size: int
    steps: tuple[int, ...]


@dataclass(frozen=True)
class Translation:
    """A picture on its way there and back. Errors are mean differences, in percent of black to white.

    Attributes:
        start: the picture as the network sees it: square, small, on white.
        there: redrawn.
        back: redrawn once more, by the network that leads back.
        cycle_error: between `start` and `back`: what the way there and back lost.
        pair_error: between `there` and the true counterpart; None where none is known.
        unchanged_error: between `start` and the true counterpart, what doing nothing would have scored.
    """

    start: Image.Image
    there: Image.Image
    back: Image.Image
    cycle_error: float
    pair_error: float | None = None
    unchanged_error: float | None = None


class StyleTranslator(Protocol):
    """Translation between two sets of pictures that were never paired."""

    def translators(self) -> list[TranslatorInfo]:
        """The bundled translators."""

    def translate(self, picture: Image.Image, *, model: str, step: int, pair: Image.Image | None = None) -> Translation:
        """Redraw a picture, and redraw the result back.

        Args:
            picture: RGB of any size; it is fitted into a white square.
            model: a translator's name.
            step: of its snapshot, and of that of the network that leads back.
            pair: the true counterpart, where it is known: how the other style draws the same thing.

        Raises:
            EngineError: the model or the step is unknown.
        """
