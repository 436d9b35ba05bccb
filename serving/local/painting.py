"""Style transfer by optimisation, and a look inside it, on this machine."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any, Literal

import spaces
import torch
from PIL import Image
from torch import Tensor

from media import images
from models import device, tensors
from models.style import adain, colour, cost, feature_maps, gatys, gram
from models.style.frames import Frame, State
from models.style.loss import Objective
from models.style.options import FROM_COLOURS, Options, Weights
from models.style.terms import Style
from serving.engine.errors import EngineError
from serving.engine.painting import PaintedFrame, Painting, PaintingCost, SeenFilter, Start
from serving.local import networks
from serving.local.heat import heat
from serving.local.picture_key import Picture

TILE = 384  # pixels a side without the overlap
SHARE = 0.6  # of the free memory that one painting may take
RESTYLED = ("colours", "adain")  # what painting may start from that has to be made first
LONGEST = 120  # seconds that a call may ask of ZeroGPU
CPU_STEPS, GPU_STEPS = 40, 200  # from the recoloured photograph; benchmarks/style_race.py says how far they get


class Optimising:
    """The part of the engine that paints; see `serving.engine.painting.Painter` for what the methods promise."""

    def __init__(self) -> None:
        super().__init__()
        self._matrices = functools.lru_cache(maxsize=16)(_matrices)  # 2.4 MB each with the paper's layers
        self._orders = functools.lru_cache(maxsize=16)(self._order)

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
        """See `Painter.paint`."""
        plan = self.painting_cost(content, side=side, options=options)
        if plan.refused:
            raise EngineError(plan.refused)
        options = options or default_options()
        if plan.tiled and options.tile is None:
            options = replace(options, tile=TILE)
        photo = images.fit(content, side)
        with _told():
            asked: dict[str, Any] = {
                "content": tensors.to_tensor(photo),
                "styles": [_style(one, content, photo, round(side * options.style_scale)) for one in paintings],
                "options": options,
                "start": start,
                "content_mask": _mask("the content's mask", content_mask, content, photo),
                "resume": resume,
                "interval": interval,
            }
            # refuses at once what the generator would refuse when it is begun; nothing runs
            gatys.paint(networks.encoder(), **{**asked, "start": "content" if start in RESTYLED else start})
        return _shown(_painted(**asked))

    def painting_cost(self, content: Image.Image, *, side: int, options: Options | None = None) -> PaintingCost:
        """See `Painter.painting_cost`."""
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
        return PaintingCost((width, height), needs.memory, needs.looked_at * _pace(), tiled, refused)

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
        """See `Painter.reconstruct`."""
        asked: dict[str, Any] = {
            "picture": tensors.to_tensor(images.fit(picture, side)),
            "layer": layer,
            "of": of,
            "steps": steps,
            "seed": seed,
            "resume": resume,
            "interval": interval,
        }
        with _told():
            gatys.reconstruct(networks.encoder(), **asked)  # as in `paint`
        return _shown(_reconstructed(**asked))

    def gram(
        self, pictures: Mapping[str, Image.Image], *, like: str, layers: Sequence[str], side: int
    ) -> dict[str, dict[str, Image.Image]]:
        """See `Painter.gram`."""
        if like not in pictures:
            raise EngineError(f"There is no picture {like!r} to compare with; there are: {', '.join(pictures)}.")
        if not layers:
            raise EngineError("No layer is chosen: choose at least one.")
        seen = {name: Picture.of(images.fit(picture, side)) for name, picture in pictures.items()}
        with _told():
            found = {name: self._matrices(picture, tuple(layers)) for name, picture in seen.items()}
            orders = self._orders(seen[like], tuple(layers))
        return {
            layer: {
                name: heat(gram.for_display(matrices[layer], like=found[like][layer])[orders[layer]][:, orders[layer]])
                for name, matrices in found.items()
            }
            for layer in layers
        }

    def _order(self, picture: Picture, layers: tuple[str, ...]) -> dict[str, Tensor]:
        return {layer: gram.order(matrix) for layer, matrix in self._matrices(picture, layers).items()}

    def feature_maps(self, picture: Image.Image, *, layer: str, count: int, side: int) -> list[SeenFilter]:
        """See `Painter.feature_maps`."""
        with _told():
            found = _strongest(tensors.to_tensor(images.fit(picture, side)), layer, count)
        return [SeenFilter(one.filter, one.mean, heat(one.map)) for one in found]


def default_options() -> Options:
    """What suits the device: fewer steps where each takes long."""
    return Options(steps=CPU_STEPS if device.choose().type == "cpu" else GPU_STEPS, method=FROM_COLOURS)


@contextmanager
def _told() -> Iterator[None]:
    """Tell people what a network refuses."""
    try:
        yield
    except EngineError:
        raise
    except (ValueError, gatys.PaintingError) as error:
        said = str(error).rstrip(".")
        raise EngineError(f"{said[:1].upper()}{said[1:]}.") from error


def _shown(frames: Iterator[Frame]) -> Iterator[PaintedFrame]:
    with _told():
        for frame in frames:
            yield PaintedFrame(
                frame.step,
                frame.steps,
                tensors.to_picture(frame.image),
                frame.content_loss,
                frame.style_loss,
                frame.total,
                frame.seconds,
                frame.curve,
                frame.state,
            )


def _style(painting: Painting, content: Image.Image, photo: Image.Image, side: int) -> Style:
    picture = images.fit(painting.picture, side)
    return Style(
        tensors.to_tensor(picture),
        painting.weight,
        _mask("the mask of where a style goes", painting.where, content, photo),
        _mask("the mask of a painting", painting.of, painting.picture, picture),
    )


def _mask(name: str, mask: Image.Image | None, whole: Image.Image, fitted: Image.Image) -> Tensor | None:
    if mask is None:
        return None
    if mask.size != whole.size:
        sizes = " pixels, its picture ".join(f"{one.width} × {one.height}" for one in (mask, whole))
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
    """What a quick way to restyle makes of it, each style in its region."""
    shown, total = torch.zeros_like(content), torch.zeros_like(content[:, :1])
    for style in styles:
        if style.weight:
            share = style.weight * (torch.ones_like(total) if style.where is None else style.where)
            shown += share * restyle(content, style.picture)
            total += share
    return torch.where(total > 0, shown / total.clamp_min(1e-6), content)


@torch.no_grad()
def _adain(content: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """AdaIN on a photograph that is encoded once, however many styles it is painted in."""
    place = device.choose()
    with networks.autocast():
        features = adain.encode(networks.encoder(), content.to(place)).float()

    def restyle(_: Tensor, style: Tensor) -> Tensor:
        with networks.autocast():
            moments = adain.moments(adain.encode(networks.encoder(), style.to(place)).float())
            painted = adain.decode(networks.decoder(), features, moments).float().cpu()
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
def _matrices(picture: Picture, layers: tuple[str, ...]) -> dict[str, Tensor]:
    found = gram.matrices(networks.encoder(), tensors.to_tensor(picture.image).to(device.choose()), layers)
    return {layer: matrix.cpu() for layer, matrix in found.items()}


@spaces.GPU(duration=10)
def _strongest(picture: Tensor, layer: str, count: int) -> list[feature_maps.FeatureMap]:
    return feature_maps.strongest(networks.encoder(), picture.to(device.choose()), layer, count=count)


@functools.cache
@spaces.GPU(duration=10)
def _pace() -> float:
    """Seconds that a step takes a pixel, measured once."""
    picture = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0)).to(device.choose())
    objective = Objective(networks.encoder(), picture, [Style(picture)], weights=Weights())
    objective.gradient(picture)[0].total.item()  # the first is slower
    begun = perf_counter()
    objective.gradient(picture)[0].total.item()
    return (perf_counter() - begun) / (96 * 96)
