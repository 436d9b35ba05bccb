"""A neural algorithm of artistic style: paint by optimising the pixels (Gatys, Ecker & Bethge, CVPR 2016).

The loss is in `loss.py`, the steps down it in `descent.py`, from small to large in `pyramid.py`.
Every frame can be the last, and painting goes on from any frame's state as if it had never stopped.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from models.style import pyramid
from models.style.descent import Descent
from models.style.frames import Frame, State
from models.style.layers import LAYERS, STYLE_LAYERS
from models.style.loss import Objective
from models.style.options import FROM_NOISE, Options, Point, Weights
from models.style.static.convolutions import StaticVGG19
from models.style.static.descent import StaticDescent
from models.style.static.objective import StaticObjective
from models.style.terms import Style, check
from models.style.tiled_loss import TiledObjective
from models.style.vgg import VGG19

SMOOTH = 10.0  # weight of the variation in reconstructions: deep layers cannot tell grain from none


class PaintingError(ArithmeticError):
    """The loss is no number any more: the steps were too large."""


def paint(
    vgg: VGG19,
    content: Tensor,
    styles: Sequence[Style],
    *,
    options: Options | None = None,
    start: Literal["content", "noise"] | Tensor = "content",
    content_mask: Tensor | None = None,
    resume: State | None = None,
    interval: float = 0.0,
) -> Iterator[Frame]:
    """Paint a photograph in the manner of paintings.

    Args:
        vgg: on the device to paint on.
        content: the photograph `(1, 3, H, W)` in [0, 1].
        styles: the paintings; where none counts, set the style weight to 0.
        options: what to paint by.
        start: the photograph, noise, or a picture of its size such as AdaIN's result.
        content_mask: where the photograph is to be kept to, `(1, 1, H, W)` in [0, 1]; None is everywhere.
        resume: a frame's state; `options` may have changed. `options.steps` are then counted from the start.
        interval: the fewest seconds from one frame to the next; the first and the last are always given.

    Returns:
        Frames, the first before any step, the last after all. Closing it stops the work; a frame that was given
        stays good.

    Raises:
        ValueError: at once, the settings contradict each other or the pictures; the message says what to do.
        PaintingError: while painting, the loss is not finite any more.
    """
    options = options or Options()
    if isinstance(start, str) and start not in ("content", "noise"):
        raise ValueError(f"painting starts from 'content', 'noise' or a picture, not from {start!r}")
    if isinstance(start, Tensor) and start.shape != content.shape:
        raise ValueError("the picture to start from must have the photograph's size")
    check(content, styles, weights=options.weights, content_mask=content_mask)
    scene = _Scene(vgg, content, styles, content_mask, options)
    if resume is not None and resume.size == scene.plan[-1].size and resume.descent["steps"] >= options.steps:
        raise ValueError(f"{resume.descent['steps']} steps are done already: ask for more to go on")
    if isinstance(start, Tensor):
        first = start
    elif start == "noise":
        first = torch.rand(content.shape, generator=torch.Generator().manual_seed(options.seed))
    else:
        first = content
    return _paint(scene, first, resume, interval)


def reconstruct(
    vgg: VGG19,
    picture: Tensor,
    *,
    layer: str,
    of: Literal["content", "style"],
    steps: int = 60,
    seed: int = 0,
    resume: State | None = None,
    interval: float = 0.0,
) -> Iterator[Frame]:
    """Find, from noise, a picture whose content or style one layer can't distinguish from this one's.

    Args:
        vgg: on the device to paint on.
        picture: `(1, 3, H, W)` in [0, 1].
        layer: of VGG-19. For the style, as in the paper's figure 1, all layers of `layers.STYLE_LAYERS` up to it count.
        of: the features themselves, or their Gram matrices.
        steps: to take.
        seed: of the noise.
        resume: a frame's state.
        interval: the fewest seconds from one frame to the next.

    Raises:
        ValueError: a value is out of its range, or the picture too small for the layer.
    """
    if layer not in LAYERS:
        raise ValueError(f"VGG-19 has no layer {layer!r}; it has {', '.join(LAYERS)}")
    if of == "content":
        weights, styles = Weights(style=0, content_layers={layer: 1}, variation=SMOOTH), []
    else:
        shallower = [name for name in STYLE_LAYERS if LAYERS.index(name) < LAYERS.index(layer)]
        style_layers = dict.fromkeys([*shallower, layer], 1.0)
        weights, styles = Weights(content=0, style_layers=style_layers, variation=SMOOTH), [Style(picture)]
    options = Options(weights=weights, method=FROM_NOISE, steps=steps, seed=seed)
    return paint(vgg, picture, styles, options=options, start="noise", resume=resume, interval=interval)


class _Leg(NamedTuple):
    """One size of the pyramid and the steps to do at it."""

    size: tuple[int, int]
    steps: int


class _Scene:
    """What is painted, at any size."""

    def __init__(
        self, vgg: VGG19, content: Tensor, styles: Sequence[Style], mask: Tensor | None, options: Options
    ) -> None:
        self.vgg, self.content, self.styles, self.mask, self.options = vgg, content, styles, mask, options
        self.place = next(vgg.parameters()).device
        height, width = content.shape[-2:]
        sizes = pyramid.sizes(height, width, scales=options.scales, least=options.weights.min_side)
        self.plan = [_Leg(size, options.coarse_steps) for size in sizes[:-1]] + [_Leg(sizes[-1], options.steps)]

    def at(self, size: tuple[int, int]) -> Objective:
        """The loss of pictures of that size."""
        styles = [self._style(style, size) for style in self.styles if style.weight]
        content, mask = self._fit(self.content, size), None if self.mask is None else self._fit(self.mask, size)
        weights, tile, revive = self.options.weights, self.options.tile, self.options.method.optimiser == "adam"
        if tile is not None and max(size) > tile:
            return TiledObjective(
                self.vgg, content, styles, weights=weights, content_mask=mask, revive=revive, tile=tile
            )
        if self._static_vgg and self.options.method.optimiser == "adam":
            return StaticObjective(self._static_vgg, content, styles, weights=weights, content_mask=mask, revive=revive)
        return Objective(self.vgg, content, styles, weights=weights, content_mask=mask, revive=revive)

    def descent(self, picture: Tensor, size: tuple[int, int]) -> Descent:
        """A picture at that size, ready to descend."""
        objective, method = self.at(size), self.options.method
        if isinstance(objective, StaticObjective):
            return StaticDescent(pyramid.resize(picture, size), objective, method)
        return Descent(pyramid.resize(picture, size), objective, method)

    @functools.cached_property
    def _static_vgg(self) -> StaticVGG19 | None:
        """The network for steps that are recorded, None where they are not."""
        dtype = static_dtype(self.place)
        return None if dtype is None else StaticVGG19(self.vgg, dtype)

    def _style(self, style: Style, size: tuple[int, int]) -> Style:
        height, width = style.picture.shape[-2:]
        scale = self.options.style_scale * max(size) / max(height, width)
        scale = max(scale, self.options.weights.min_side / min(height, width))
        own = round(height * scale), round(width * scale)
        return Style(
            self._fit(style.picture, own),
            style.weight,
            None if style.where is None else self._fit(style.where, size),
            None if style.of is None else self._fit(style.of, own),
        )

    def _fit(self, picture: Tensor, size: tuple[int, int]) -> Tensor:
        return pyramid.resize(picture.to(self.place), size)


def static_dtype(device: torch.device) -> torch.dtype | None:
    """The precision in which steps on a device are recorded as CUDA graphs; None where they are not."""
    return torch.bfloat16 if device.type == "cuda" else None  # its range needs no scaling of the loss


def _paint(scene: _Scene, first: Tensor, resume: State | None, interval: float) -> Iterator[Frame]:
    method, plan, done, seconds = scene.options.method, scene.plan, 0, 0.0
    picture, state = first.to(scene.place), None
    if resume is not None:
        plan = next((plan[i:] for i, leg in enumerate(plan) if leg.size == resume.size), plan[-1:])
        picture, done, seconds = resume.picture.to(scene.place), resume.step, resume.seconds
        if plan[0].size == resume.size:
            state = dict(resume.descent)
            if not _still_holds(resume.options, scene.options):
                state["optimiser"] = None
    steps = done + sum(leg.steps for leg in plan) - (state["steps"] if state else 0)
    curve: list[Tensor] = []  # read only when a frame is due: each reading waits for the device
    known: dict[str, Any] | None = None  # by Adam, from the size before
    clock, fresh = perf_counter(), True
    for leg in plan:
        descent = scene.descent(picture, leg.size)
        if state is not None:
            descent.load_state_dict(state)
        elif known is not None:
            descent.load_optimiser(pyramid.carry_adam(known, leg.size))
        while descent.steps < leg.steps or leg is plan[-1]:
            last = descent.steps >= leg.steps
            curve.append(torch.stack(descent.measure(last=last)))
            if last or fresh or perf_counter() - clock >= interval:
                points = _points(done, curve)
                seconds += perf_counter() - clock
                yield _frame(descent, steps, points, seconds, scene.options)
                clock, fresh = perf_counter(), False
                curve.clear()
            if last:
                return
            descent.step()
            done += 1
        picture, state = descent.picture.detach(), None
        known = descent.optimiser.state_dict() if method.optimiser == "adam" else None


def _still_holds(before: Options, now: Options) -> bool:
    """Whether what the optimiser learnt still holds: L-BFGS would explode on another loss, Adam adapts."""
    if before.method.optimiser != now.method.optimiser:
        return False
    return now.method.optimiser == "adam" or before == replace(now, steps=before.steps, tile=before.tile)


def _points(done: int, curve: Sequence[Tensor]) -> tuple[Point, ...]:
    losses = torch.stack(list(curve)).tolist()
    points = tuple(Point(step, *terms) for step, terms in enumerate(losses, done - len(losses) + 1))
    if not all(math.isfinite(point.total) for point in points):
        raise PaintingError(
            "The loss is not finite any more: take a smaller step size, smaller weights, or Adam instead of L-BFGS."
        )
    return points


def _frame(descent: Descent, steps: int, points: tuple[Point, ...], seconds: float, options: Options) -> Frame:
    now = points[-1]
    picture = descent.picture.detach().to("cpu", copy=True)
    height, width = picture.shape[-2:]
    state = State((height, width), now.step, seconds, picture, options, descent.state_dict())
    return Frame(
        now.step, steps, descent.image.cpu(), now.content, now.style, now.variation, now.total, seconds, points, state
    )
