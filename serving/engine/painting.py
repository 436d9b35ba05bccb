"""What the tabs can ask of style transfer by optimisation, and of a look inside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from PIL import Image

from models.style.frames import State
from models.style.options import Options, Point

Start = Literal["colours", "adain", "content", "noise"]


@dataclass(frozen=True)
class Painting:
    """A painting to imitate.

    Args:
        picture: RGB.
        weight: relative to the other paintings'; 0 leaves it out.
        where: region of the photograph that is painted so: mode L, of the photograph's size, white is all of it.
        of: region of the painting that is imitated: mode L, of the painting's size.
    """

    picture: Image.Image
    weight: float = 1.0
    where: Image.Image | None = None
    of: Image.Image | None = None


@dataclass(frozen=True)
class PaintedFrame:
    """A picture on its way.

    Attributes:
        step: steps done.
        steps: steps to do.
        picture: RGB, of the size that is painted at just now.
        content_loss: before its weight.
        style_loss: before its weight.
        total: the weighted sum, with the total variation.
        seconds: of painting so far.
        curve: the losses of each step since the last frame.
        state: what `resume` takes to go on from here; it can be pickled.
    """

    step: int
    steps: int
    picture: Image.Image
    content_loss: float
    style_loss: float
    total: float
    seconds: float
    curve: tuple[Point, ...]
    state: State = field(repr=False)


@dataclass(frozen=True)
class PaintingCost:
    """What a painting will take, told before it is begun.

    Attributes:
        size: width and height of the result.
        memory: bytes beyond the network.
        seconds: of one step, on this machine.
        tiled: whether it is painted in tiles, for lack of memory.
        refused: why it can't be painted here, a sentence; empty where it can.
    """

    size: tuple[int, int]
    memory: int
    seconds: float
    tiled: bool
    refused: str = ""


@dataclass(frozen=True)
class SeenFilter:
    """One filter of a layer and where it fires: its number, its mean activation (1 is usual), and the map."""

    filter: int
    mean: float
    picture: Image.Image


class Painter(Protocol):
    """Painting by optimisation. Pictures are RGB. What streams stops within one step when its iterator is closed."""

    def paint(
        self,
        content: Image.Image,
        paintings: Sequence[Painting],
        *,
        side: int,
        options: Options | None = None,
        start: Start = "colours",
        content_mask: Image.Image | None = None,
        resume: State | None = None,
        interval: float = 0.3,
    ) -> Iterator[PaintedFrame]:
        """Paint a photograph in the manner of paintings, and show it on the way.

        Args:
            content: the photograph.
            paintings: at least one with a weight, unless `options` gives the style none.
            side: longer side of the result in pixels; a smaller photograph is not enlarged.
            options: what to paint by and how long; the default suits the device.
            start: the photograph in the paintings' colours, the result of AdaIN, the photograph, or noise.
            content_mask: where the photograph is to be kept to: mode L, of the photograph's size.
            resume: the `state` of a frame of the same photograph, to go on from it.
            interval: the fewest seconds from one frame to the next.

        Raises:
            EngineError: at once if the settings contradict each other or the pictures, or the size is beyond this
                machine; later if the loss is no number any more.
        """

    def painting_cost(self, content: Image.Image, *, side: int, options: Options | None = None) -> PaintingCost:
        """What `paint` will take, before it is begun."""

    def reconstruct(
        self,
        picture: Image.Image,
        *,
        layer: str,
        of: Literal["content", "style"],
        side: int,
        steps: int = 60,
        seed: int = 0,
        resume: State | None = None,
        interval: float = 0.3,
    ) -> Iterator[PaintedFrame]:
        """Find a picture, from noise, that a layer cannot tell from this one by its content or by its style.

        Raises:
            EngineError: the layer is unknown, or the picture too small for it.
        """

    def gram(
        self, pictures: Mapping[str, Image.Image], *, like: str, layers: Sequence[str], side: int
    ) -> dict[str, dict[str, Image.Image]]:
        """Gram matrices as heat maps, on one scale and in one order of the filters, so that they compare.

        Args:
            pictures: by name, for instance "photo", "painting" and "result".
            like: whose strongest entry is the scale's end, and whose filters are put in order: the painting's name.
            layers: of VGG-19.
            side: longer side that the pictures are looked at in.

        Returns:
            For each layer and name a heat map of one pixel a pair of filters.

        Raises:
            EngineError: a layer is unknown, a picture too small for it, or `like` names none.
        """

    def feature_maps(self, picture: Image.Image, *, layer: str, count: int, side: int) -> list[SeenFilter]:
        """Where those filters of a layer fire that the picture excites most, strongest first.

        Raises:
            EngineError: the layer is unknown, or the picture too small for it.
        """
