"""Painting by optimisation and looking inside the network: what a tab may ask, and the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from PIL import Image

from models.style.options import Options, Point
from serving.engine.settings import Colours

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
        picture: RGB, finished: with the colours and outside of the mask as they were asked for; of the size that is
            painted at just now.
        content_loss: before its weight.
        style_loss: before its weight.
        total: the weighted sum, with the total variation.
        seconds: of painting so far.
        curve: the losses of each step since the last frame.
        full_size_steps: steps done at the full size, as `Options.steps` counts them.
        resume: a handle to go on from here. The engine keeps what belongs to the newest two frames of a painting, until
            `forget_painting`, or as long as there is room.
    """

    step: int
    steps: int
    picture: Image.Image
    content_loss: float
    style_loss: float
    total: float
    seconds: float
    curve: tuple[Point, ...]
    full_size_steps: int
    resume: str = field(repr=False)


@dataclass(frozen=True)
class PaintingCost:
    """What a painting will take, estimated before it is begun.

    Attributes:
        size: width and height of the result.
        memory: bytes beyond the network.
        seconds: of one step, on this machine.
        tiled: whether it is painted in tiles, because memory is short.
        refused: why it can't be painted here, a sentence; empty where it can.
    """

    size: tuple[int, int]
    memory: int
    seconds: float
    tiled: bool
    refused: str = ""


@dataclass(frozen=True)
class FilterResponse:
    """A filter of a layer and where it fires: its number, its mean activation (1 is usual), and the map."""

    filter: int
    mean: float
    picture: Image.Image


class Painter(Protocol):
    """Painting by optimisation. Pictures are RGB; closing an iterator stops its work within one step."""

    def paint(
        self,
        content: Image.Image,
        paintings: Sequence[Painting],
        *,
        side: int,
        options: Options | None = None,
        start: Start = "colours",
        colours: Colours = "style",
        mask: Image.Image | None = None,
        content_mask: Image.Image | None = None,
        resume: str | None = None,
        interval: float = 0.3,
    ) -> Iterator[PaintedFrame]:
        """Paint a photograph in the manner of paintings, and show it on the way.

        Args:
            content: the photograph, prepared.
            paintings: at least one with a weight, unless `options` gives the style none.
            side: longer side of the result in pixels; a smaller photograph is not enlarged.
            options: what to paint by and how long; the default suits the device.
            start: the photograph in the paintings' colours, the result of AdaIN, the photograph, or noise.
            colours: whose colours the result has; "only" is refused, because it leaves nothing to optimise.
            mask: where the photograph is painted, mode L, of its size: each painting without a `where` goes there,
                and the rest of every frame is the photograph. None is everywhere.
            content_mask: where the photograph's content counts: mode L, of the photograph's size.
            resume: the handle of a frame of the same photograph, to go on from it.
            interval: the fewest seconds from one frame to the next.

        Raises:
            EngineError: at once if the settings contradict each other or the pictures, the size is beyond this machine,
                or nothing is kept under the handle any more; later if the loss is no longer finite.
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
        resume: str | None = None,
        interval: float = 0.3,
    ) -> Iterator[PaintedFrame]:
        """Find, from noise, a picture whose content or style a layer can't distinguish from this one's.

        Raises:
            EngineError: the layer is unknown, the picture too small for it, or nothing is kept under the handle.
        """

    def forget_painting(self, resume: str) -> None:
        """Keep nothing more of a painting that nobody goes on from; what is not kept any more is no error.

        Args:
            resume: the handle of its newest frame.
        """

    def gram(
        self, pictures: Mapping[str, Image.Image], *, like: str, layers: Sequence[str], side: int
    ) -> dict[str, dict[str, Image.Image]]:
        """Gram matrices as heat maps, on one scale and in one order of the filters, so that they compare.

        Args:
            pictures: by name, for instance "photo", "painting" and "result".
            like: name of the picture, usually the painting, whose strongest entry ends the scale and whose filters are
                put in order.
            layers: of VGG-19.
            side: the pictures are scaled to this longer side.

        Returns:
            For each layer and name a heat map of one pixel a pair of filters.

        Raises:
            EngineError: a layer is unknown, a picture too small for it, or `like` names none.
        """

    def feature_maps(self, picture: Image.Image, *, layer: str, count: int, side: int) -> list[FilterResponse]:
        """Where the filters of a layer fire that respond to the picture most, strongest first.

        Raises:
            EngineError: the layer is unknown, or the picture too small for it.
        """
