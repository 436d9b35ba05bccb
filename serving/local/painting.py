"""Painting by optimisation and looking inside the network, on this machine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Literal

import spaces
import torch
from PIL import Image
from torch import Tensor

from media import images
from models import device, tensors
from models.style import adain, colour, cost, feature_maps, gatys, gram, pyramid
from models.style.frames import Frame, State
from models.style.loss import Objective
from models.style.options import FROM_COLOURS, Options, Weights
from models.style.terms import Style
from serving.engine.errors import EngineError, raised_as_engine_error
from serving.engine.painting import FilterResponse, PaintedFrame, Painting, PaintingCost, Start
from serving.engine.settings import Colours
from serving.local import networks
from serving.local.heat_map import heat_map
from serving.local.painting_pace import Pace
from serving.local.painting_states import PaintingStates, before, handles
from serving.local.restyling import finished, kept, matched

TILE = 384  # pixels a side without the overlap
SHARE = 0.6  # of the free memory that one painting may take
RESTYLED = ("colours", "adain")  # what painting may start from that has to be made first
REFUSALS = (ValueError, gatys.PaintingError)  # what the networks raise at a request they can't answer
ENOUGH = 3  # steps after which a painting says how long a step takes
LONGEST = 120  # seconds that a call may ask of ZeroGPU
CPU_STEPS, GPU_STEPS = 40, 200  # from the recoloured photograph; benchmarks/style_race.py says how far they get


class LocalPainter:
    """The part of the engine that paints; `serving.engine.painting.Painter` documents the methods."""

    def __init__(self) -> None:
        super().__init__()
        self._matrices = kept(_matrices, most=16)  # 2.4 MB each with the paper's layers
        self._orders = kept(self._order, most=16)
        self._states = PaintingStates()
        self._pace = Pace(_seconds_per_pixel)

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
        if colours == "only":
            raise EngineError("Painting slowly makes brush strokes. For the colours alone, use Instant.")
        plan, looked_at = self._plan(content, side=side, options=options)
        if plan.refused:
            raise EngineError(plan.refused)
        options = options or default_options()
        if plan.tiled and options.tile is None:
            options = replace(options, tile=TILE)
        photo = images.fit(content, side)
        pixels = tensors.to_tensor(photo)
        if colours == "matched":
            recoloured = matched([painting.picture for painting in paintings], pixels)
            paintings = [replace(p, picture=picture) for p, picture in zip(paintings, recoloured, strict=True)]
        with raised_as_engine_error(*REFUSALS):
            area = _mask("the mask of what is painted", mask, content, photo)
            style_side = round(side * options.style_scale)
            arguments: dict[str, Any] = {
                "content": pixels,
                "styles": [_style(painting, content, photo, style_side, area) for painting in paintings],
                "options": options,
                "start": start,
                "content_mask": _mask("the content's mask", content_mask, content, photo),
                "resume": None if resume is None else self._states.get(resume),
                "interval": interval,
            }
            # refuses at once what the generator would refuse when it is begun; nothing runs
            gatys.paint(networks.encoder(), **{**arguments, "start": "content" if start in RESTYLED else start})

        def finish(picture: Tensor) -> Image.Image:
            """The photograph's colours and surroundings, at the size that is painted at just now."""
            if colours == "style" and area is None:
                return tensors.to_picture(picture)
            size = (picture.shape[-2], picture.shape[-1])
            there = None if area is None else pyramid.resize(area, size)
            return finished(picture, pyramid.resize(pixels, size), there, colours)

        frames = self._frames(_painted(**arguments), finish, (photo.height, photo.width))
        return frames if resume or options.scales > 1 else self._timed(frames, looked_at)

    def _timed(self, frames: Iterator[PaintedFrame], pixels: float) -> Iterator[PaintedFrame]:
        """Let what a painting really takes be the next estimate; each step looks at so many pixels."""
        for frame in frames:
            if frame.step >= ENOUGH:
                self._pace.learn(frame.seconds / frame.step / pixels)
            yield frame

    def painting_cost(self, content: Image.Image, *, side: int, options: Options | None = None) -> PaintingCost:
        return self._plan(content, side=side, options=options)[0]

    def _plan(self, content: Image.Image, *, side: int, options: Options | None) -> tuple[PaintingCost, float]:
        """The cost of a painting, and the pixels that each of its steps looks at."""
        options = options or default_options()
        history = options.method.history if options.method.optimiser == "l-bfgs" else 0
        width, height = images.fit(content, side).size
        limit = SHARE * device.free_memory(device.choose())
        needs = cost.cost(height, width, tile=options.tile, history=history)
        if tiled := options.tile is not None or needs.memory > limit:
            needs = cost.cost(height, width, tile=options.tile or TILE, history=history)
        refused = ""
        if needs.memory > limit:
            refused = (
                f"{width} × {height} pixels would take {needs.memory / 1e9:.1f} GB of memory here, and "
                f"{limit / 1e9:.1f} GB can be had: choose a smaller size."
            )
        seconds = needs.looked_at * self._pace.seconds()
        return PaintingCost((width, height), needs.memory, seconds, tiled, refused), needs.looked_at

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
        fitted = images.fit(picture, side)
        arguments: dict[str, Any] = {
            "picture": tensors.to_tensor(fitted),
            "layer": layer,
            "of": of,
            "steps": steps,
            "seed": seed,
            "resume": None if resume is None else self._states.get(resume),
            "interval": interval,
        }
        with raised_as_engine_error(*REFUSALS):
            gatys.reconstruct(networks.encoder(), **arguments)  # as in `paint`
        return self._frames(_reconstructed(**arguments), tensors.to_picture, (fitted.height, fitted.width))

    def _frames(
        self, frames: Iterator[Frame], finish: Callable[[Tensor], Image.Image], full_size: tuple[int, int]
    ) -> Iterator[PaintedFrame]:
        """Keep the states of the newest two frames, in case the newest does not arrive, and hand out the rest."""
        with raised_as_engine_error(*REFUSALS):
            for frame, handle in zip(frames, handles(), strict=False):
                self._states.keep(handle, frame.state)
                self._states.drop(before(before(handle)))
                yield PaintedFrame(
                    frame.step,
                    frame.steps,
                    finish(frame.image),
                    frame.content_loss,
                    frame.style_loss,
                    frame.total,
                    frame.seconds,
                    frame.curve,
                    frame.state.descent["steps"] if frame.state.size == full_size else 0,
                    handle,
                )

    def forget_painting(self, resume: str) -> None:
        for handle in (resume, before(resume)):
            self._states.drop(handle)

    def gram(
        self, pictures: Mapping[str, Image.Image], *, like: str, layers: Sequence[str], side: int
    ) -> dict[str, dict[str, Image.Image]]:
        if like not in pictures:
            raise EngineError(f"There is no picture {like!r} to compare with; there are: {', '.join(pictures)}.")
        if not layers:
            raise EngineError("No layer is chosen: choose at least one.")
        fitted = {name: images.fit(picture, side) for name, picture in pictures.items()}
        with raised_as_engine_error(*REFUSALS):
            matrices = {name: self._matrices(picture, tuple(layers)) for name, picture in fitted.items()}
            orders = self._orders(fitted[like], tuple(layers))
        maps: dict[str, dict[str, Image.Image]] = {}
        for layer, order in orders.items():
            scale = matrices[like][layer]
            maps[layer] = {
                name: heat_map(gram.for_display(of_picture[layer], like=scale)[order][:, order])
                for name, of_picture in matrices.items()
            }
        return maps

    def _order(self, picture: Image.Image, layers: tuple[str, ...]) -> dict[str, Tensor]:
        return {layer: gram.order(matrix) for layer, matrix in self._matrices(picture, layers).items()}

    def feature_maps(self, picture: Image.Image, *, layer: str, count: int, side: int) -> list[FilterResponse]:
        with raised_as_engine_error(*REFUSALS):
            strongest = _strongest(tensors.to_tensor(images.fit(picture, side)), layer, count)
        return [FilterResponse(response.filter, response.mean, heat_map(response.map)) for response in strongest]


def default_options() -> Options:
    """What suits the device: fewer steps where each takes long."""
    return Options(steps=CPU_STEPS if device.choose().type == "cpu" else GPU_STEPS, method=FROM_COLOURS)


def _style(painting: Painting, content: Image.Image, photo: Image.Image, side: int, area: Tensor | None) -> Style:
    picture = images.fit(painting.picture, side)
    return Style(
        tensors.to_tensor(picture),
        painting.weight,
        area if painting.where is None else _mask("the mask of where a style goes", painting.where, content, photo),
        _mask("the mask of a painting", painting.of, painting.picture, picture),
    )


def _mask(name: str, mask: Image.Image | None, whole: Image.Image, fitted: Image.Image) -> Tensor | None:
    if mask is None:
        return None
    if mask.size != whole.size:
        sizes = " pixels, its picture ".join(f"{picture.width} × {picture.height}" for picture in (mask, whole))
        raise ValueError(f"{name} has {sizes}: give it the picture's size")
    return tensors.to_tensor(mask.convert("RGB").resize(fitted.size, Image.Resampling.BOX))[:, :1]


def _seconds(*, options: Options | None = None, steps: int = 0, **_: object) -> int:
    """What a call asks of ZeroGPU, where a step takes about 10 ms at 512 px."""
    return min(LONGEST, 15 + (options.steps + options.scales * options.coarse_steps if options else steps) // 20)


@spaces.GPU(duration=_seconds)
def _painted(
    *,
    content: Tensor,
    styles: Sequence[Style],
    options: Options,
    start: Start,
    content_mask: Tensor | None,
    resume: State | None,
    interval: float,
) -> Iterator[Frame]:
    first: Literal["content", "noise"] | Tensor = "content"
    if start in RESTYLED and resume is None:
        first = _mixed(content, styles, colour.match_colours if start == "colours" else _adain(content))
    elif start == "noise":
        first = start
    yield from gatys.paint(
        networks.encoder(),
        content,
        styles,
        options=options,
        start=first,
        content_mask=content_mask,
        resume=resume,
        interval=interval,
    )


@torch.no_grad()
def _mixed(content: Tensor, styles: Sequence[Style], restyle: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The photograph restyled at once, each style in its region."""
    mixed, total = torch.zeros_like(content), torch.zeros_like(content[:, :1])
    for style in styles:
        if style.weight:
            share = style.weight * (torch.ones_like(total) if style.where is None else style.where)
            mixed += share * restyle(content, style.picture)
            total += share
    return torch.where(total > 0, mixed / total.clamp_min(1e-6), content)


@torch.no_grad()
def _adain(content: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """AdaIN on a photograph that is encoded once, however many styles it is painted in."""
    one_pass = networks.adain_pass()
    features = one_pass.encode(content)
    own = adain.moments(features)

    def restyle(_: Tensor, style: Tensor) -> Tensor:
        painted = one_pass.paint(features, [one_pass.look(style)], [], strength=1.0, own=own).cpu()
        return painted[..., : content.shape[-2], : content.shape[-1]]

    return restyle


@spaces.GPU(duration=_seconds)
def _reconstructed(
    *,
    picture: Tensor,
    layer: str,
    of: Literal["content", "style"],
    steps: int,
    seed: int,
    resume: State | None,
    interval: float,
) -> Iterator[Frame]:
    yield from gatys.reconstruct(
        networks.encoder(), picture, layer=layer, of=of, steps=steps, seed=seed, resume=resume, interval=interval
    )


@spaces.GPU(duration=10)
def _matrices(picture: Image.Image, layers: tuple[str, ...]) -> dict[str, Tensor]:
    matrices = gram.matrices(networks.encoder(), tensors.to_tensor(picture).to(device.choose()), layers)
    return {layer: matrix.cpu() for layer, matrix in matrices.items()}


@spaces.GPU(duration=10)
def _strongest(picture: Tensor, layer: str, count: int) -> list[feature_maps.FeatureMap]:
    return feature_maps.strongest(networks.encoder(), picture.to(device.choose()), layer, count=count)


@functools.cache
@spaces.GPU(duration=10)
def _seconds_per_pixel() -> float:
    """Seconds that a step takes for each pixel: the best of three, because other work only slows it down."""
    picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).to(device.choose())
    objective = Objective(networks.encoder(), picture, [Style(picture)], weights=Weights())
    objective.gradient(picture)[0].total.item()  # the first is slower
    times = []
    for _ in range(3):
        begun = perf_counter()
        objective.gradient(picture)[0].total.item()
        times.append(perf_counter() - begun)
    return min(times) / (96 * 96)
