"""Style transfer in one pass, on this machine: what was encoded of a picture is kept, and so are results."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import spaces
import torch
from cachetools import LRUCache, cached
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from media import images, preprocessing
from models import device, tensors
from models.style import adain, colour, masks, tiled_adain
from models.style.adain import Moments
from models.style.light import Look
from models.style.masks import MaskError
from models.vision import saliency
from serving.engine.errors import EngineError, raised_as_engine_error
from serving.engine.restyling import Estimate, Restyled, RestyleStep
from serving.engine.settings import (
    BACKGROUND,
    DRAWN,
    INSTANT_SIDES,
    MAX_SIDE,
    WHOLE,
    Colours,
    Network,
    RestyleSettings,
)
from serving.local import networks
from serving.local.networks import PassName
from serving.local.restyling_pace import Speed, fixed_side, largest_quick_side, measured_rate

STYLE_SIDE = 1536  # pixels of a style picture at most; its statistics hardly change above
KEPT = max(INSTANT_SIDES) ** 2  # pixels of a content whose features are worth keeping
KEPT_CONTENTS, KEPT_BYTES = 8, 2**27  # of all kept features, at most
LONGEST = 120  # seconds that a call may ask of ZeroGPU
UNMIXABLE = "The styles can't be mixed: "


class LocalRestyler:
    """The part of the engine that restyles; `serving.engine.restyling.Restyler` documents the methods."""

    def __init__(self) -> None:
        self._looks = kept(_style_look, most=256)  # 4 kB each
        self._features: LRUCache[Hashable, Tensor] = LRUCache(
            KEPT_BYTES, getsizeof=lambda features: max(features.nbytes, KEPT_BYTES // KEPT_CONTENTS)
        )
        self._features_lock = threading.Lock()
        self._subjects = kept(find_subject, most=8)
        self._results = kept(self._restyle, most=16)
        self._speeds: dict[PassName, Speed] = {"light": Speed.of_light(), "adain": Speed()}
        self._rates = {name: speed.rate for name, speed in self._speeds.items()}  # pixels per second, fixed at start
        self._fixed_side = fixed_side()

    def restyled(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Restyled:
        return self._results(self.prepared(content, settings), tuple(styles), settings, mask, tuple(regions))

    def _restyle(
        self,
        before: Image.Image,
        styles: tuple[Image.Image, ...],
        settings: RestyleSettings,
        mask: Image.Image | None,
        regions: tuple[Image.Image, ...],
    ) -> Restyled:
        *_, last = self._steps(before, styles, settings, mask, regions)
        assert last.result is not None
        return last.result

    def restyle_steps(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Iterator[RestyleStep]:
        return self._steps(self.prepared(content, settings), styles, settings, mask, regions)

    def prepared(self, content: Image.Image, settings: RestyleSettings) -> Image.Image:
        prepared = preprocessing.prepare(content, settings.preparation, find_subject=self._subject)
        return images.fit(prepared, settings.side or MAX_SIDE)

    def mask(
        self, content: Image.Image, settings: RestyleSettings, *, drawn: Image.Image | None = None
    ) -> Image.Image | None:
        area = self._area(self.prepared(content, settings), settings, drawn)
        return None if area is None else _grey(area)

    def cut_out(self, content: Image.Image) -> Image.Image:
        layer = content.convert("RGB")
        layer.putalpha(self._subject(content))
        return layer

    def estimate(self, size: tuple[int, int], settings: RestyleSettings, *, frames: int = 1) -> Estimate:
        return self._speeds[chosen(settings)].estimate(size, settings, frames=frames)

    def instant_side(self, network: Network = "auto") -> int:
        if self._fixed_side:
            return self._fixed_side
        return largest_quick_side(self._rates[chosen(RestyleSettings(network=network))])

    def measure(self) -> None:
        """Time the network that the page starts with, for `instant_side`, and forget the pictures of that.

        Nothing is timed where the size is fixed.
        """
        if self._fixed_side:
            return

        def restyle(photo: Image.Image, painting: Image.Image, side: int) -> None:
            self._restyle(photo, (painting,), RestyleSettings(side=side), None, ())

        self._rates[chosen(RestyleSettings())] = measured_rate(restyle)
        with self._features_lock:
            self._features.clear()

    def _steps(
        self,
        before: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        mask: Image.Image | None,
        drawn_regions: Sequence[Image.Image],
    ) -> Iterator[RestyleStep]:
        start, pixels = perf_counter(), tensors.to_tensor(before)
        area = self._area(before, settings, mask)
        regions = _shared(drawn_regions, (before.height, before.width), count=len(styles))
        if settings.colours == "only":
            picture = _recoloured(pixels, styles, settings, regions)
            yield RestyleStep(1, 1, Restyled(before, finished(picture, pixels, area, settings.colours)))
            return
        if settings.colours == "matched":  # kept by what the styles become, not by what they were
            styles = matched(styles, pixels)
        name = chosen(settings)
        looks = self._style_looks(styles, settings, mixed=not regions)
        key = (by_content(before), name) if before.width * before.height <= KEPT else None
        with self._features_lock:
            features = None if key is None else self._features.get(key)
        for step in painted(name, pixels, looks, regions, settings.strength, features=features, keep=key is not None):
            if step.picture is None:
                yield RestyleStep(step.done, step.total)
        if key is not None and step.features is not None:
            with self._features_lock:
                self._features[key] = step.features
        assert step.picture is not None
        after = finished(step.picture, pixels, area, settings.colours)
        self._speeds[name].note(before.width * before.height, perf_counter() - start)
        yield RestyleStep(step.total, step.total, Restyled(before, after))

    def _style_looks(
        self, styles: Sequence[Image.Image], settings: RestyleSettings, *, mixed: bool
    ) -> list[Look | Moments]:
        """What to paint in: each style where each has its region, else their mixture."""
        if not styles:
            raise EngineError("Choose at least one style.")
        name = chosen(settings)
        looks = [self._looks(_scaled(style, settings), name) for style in styles]
        if not mixed or len(looks) == len(settings.weights) == 1:
            return looks
        with raised_as_engine_error(ValueError, opening=UNMIXABLE):
            return [networks.one_pass(name).mix(looks, settings.weights)]

    def _area(self, before: Image.Image, settings: RestyleSettings, drawn: Image.Image | None) -> Tensor | None:
        """Where the style goes, `(1, 1, H, W)`."""
        if settings.area == WHOLE:
            return None
        if settings.area == DRAWN:
            if drawn is None:
                raise EngineError("Draw a mask first, or choose another area.")
            with raised_as_engine_error(MaskError):
                area = masks.sized(masks.from_picture(drawn), (before.height, before.width))
        else:
            area = masks.from_picture(self._subject(before))
            area = 1 - area if settings.area == BACKGROUND else area
        with raised_as_engine_error(MaskError):
            return masks.check(masks.feathered(area, settings.feather))

    def _subject(self, picture: Image.Image) -> Image.Image:
        mask = self._subjects(picture)
        if not has_subject(mask):
            raise EngineError("No subject was found in this picture. Draw the mask, or choose the whole picture.")
        return mask


def chosen(settings: RestyleSettings) -> PassName:
    """Which networks paint: those that are named; else the light one on a CPU, and AdaIN's on a GPU."""
    if settings.network == "auto":
        return "light" if device.choose().type == "cpu" else "adain"
    return settings.network


class Step(NamedTuple):
    """How far a pass is, in tiles; the last step has the picture, and the content's features where they are kept."""

    done: int
    total: int
    picture: Tensor | None = None  # (1, 3, H, W) in [0, 1], on the CPU
    features: Tensor | None = None  # on the CPU


def _gpu_seconds(_: PassName, pixels: Tensor, *__: object, **___: object) -> int:
    """What a pass asks of ZeroGPU: ten seconds, and one more for each megapixel."""
    return min(LONGEST, 10 + pixels.shape[-2] * pixels.shape[-1] // 1_000_000)


@spaces.GPU(duration=_gpu_seconds)
@torch.inference_mode()
def painted(
    name: PassName,
    pixels: Tensor,
    looks: Sequence[Any],
    regions: Sequence[Tensor],
    strength: float,
    *,
    features: Tensor | None = None,
    own: Moments | None = None,
    keep: bool = False,
) -> Iterator[Step]:
    """Paint a whole picture, tile by tile: on ZeroGPU all of it in one call.

    Args:
        name: of the networks.
        pixels: the photograph `(1, 3, H, W)` in [0, 1].
        looks: the styles, as the networks' `look` returns them: one, or one for each region.
        regions: `(1, 1, h, w)` in [0, 1] at the size of the features.
        strength: of the styles, 0 … 1.
        features: of the photograph, where they are known.
        own: the photograph's moments, where they are not those of its features.
        keep: return the features too.
    """
    one_pass = networks.one_pass(name)
    there = pixels.to(one_pass.device)
    parts: list[tuple[Any, list[Tensor]]] = one_pass.parts(looks, regions)
    tiles = len(tiled_adain.windows(pixels.shape[-2], pixels.shape[-1]))
    total, done = (1 + len(parts)) * tiles, tiles
    if features is None:
        features, done = tiled_adain.empty_features(there, channels=one_pass.channels), 0
        for _ in tiled_adain.encoded(one_pass.encode, there, features=features):
            yield Step(done := done + 1, total)
    features = features.to(one_pass.device)
    result = pixels
    for part_looks, part_regions in parts:
        paint = _tile_painter(one_pass, part_looks, part_regions, strength)
        picture = torch.empty_like(there)
        for _ in tiled_adain.painted(paint, features, picture=picture, own=own):
            if (done := done + 1) < total:
                yield Step(done, total)
        result = one_pass.added(result, picture.cpu(), part_looks, part_regions, pixels, strength=strength)
    kept = features.cpu() if keep else None
    del features, picture, there  # what follows needs the memory
    yield Step(total, total, result, kept)


def _tile_painter(one_pass: Any, looks: Sequence[Any], regions: Sequence[Tensor], strength: float) -> tiled_adain.Paint:
    """What paints a tile of the photograph."""

    def paint(tile: Tensor, own: Moments, window: tiled_adain.Window) -> Tensor:
        return one_pass.paint(tile, looks, [window.of(mask) for mask in regions], strength=strength, own=own)

    return paint


@spaces.GPU(duration=_gpu_seconds)
@torch.inference_mode()
def encoded(name: PassName, pixels: Tensor) -> Tensor:
    """The features of a photograph `(1, 3, H, W)`, on the CPU."""
    one_pass = networks.one_pass(name)
    there = pixels.to(one_pass.device)
    features = tiled_adain.empty_features(there, channels=one_pass.channels)
    for _ in tiled_adain.encoded(one_pass.encode, there, features=features):
        pass
    return features.cpu()


@spaces.GPU(duration=10)
@torch.inference_mode()
def _style_look(style: Image.Image, name: PassName) -> Any:
    return networks.one_pass(name).look(tensors.to_tensor(style))


def has_subject(mask: Image.Image) -> bool:
    """Whether a mask of `find_subject` reaches one half anywhere."""
    return any(mask.histogram()[128:])


@spaces.GPU(duration=10)
@torch.inference_mode()
def find_subject(picture: Image.Image) -> Image.Image:
    """The mask of what stands out in an RGB picture, of mode L and its size; weak everywhere where nothing does."""
    pixels = tensors.to_tensor(images.fit(picture, saliency.SIDE)).to(device.choose())
    mask = _grey(saliency.subject_mask(networks.subject_finder(), pixels).cpu())
    return mask.resize(picture.size, Image.Resampling.BICUBIC)


def matched(styles: Sequence[Image.Image], photo: Tensor) -> list[Image.Image]:
    """Paintings in the colours of a photograph `(1, 3, H, W)`."""
    return [tensors.to_picture(colour.match_colours(tensors.to_tensor(style), photo)) for style in styles]


def finished(picture: Tensor, photo: Tensor, area: Tensor | None, colours: Colours) -> Image.Image:
    """A painted picture with the photograph's colours where they are kept, and the photograph outside of the area.

    Args:
        picture: `(1, 3, H, W)` in [0, 1], as it was painted.
        photo: of the same shape.
        area: `(1, 1, H, W)`, 1 where it is painted; None is everywhere.
        colours: whose colours the result has.
    """
    if colours == "luminance":
        picture = colour.keep_colours(picture, photo)
    if area is not None:
        picture = masks.blend(picture, photo, area)
    return tensors.to_picture(picture)


def by_content(*parts: Any) -> Hashable:
    """A cache's key in which two pictures with the same mode, size and pixels are the same."""
    return tuple(
        images.digest(part) if isinstance(part, Image.Image) else by_content(*part) if type(part) is tuple else part
        for part in parts
    )


def kept(work: Callable[..., Any], *, most: int) -> Callable[..., Any]:
    """Keep the newest results of a function of pictures."""
    return cached(LRUCache(most), key=by_content, lock=threading.Lock())(work)


def _shared(drawn: Sequence[Image.Image], size: tuple[int, int], *, count: int) -> list[Tensor]:
    """The regions of the styles at the size of the features; none where the styles mix."""
    if not drawn:
        return []
    if len(drawn) != count:
        raise EngineError(f"Each style needs its region: there are {count} styles and {len(drawn)} regions.")
    with raised_as_engine_error(MaskError):
        full = [masks.sized(masks.from_picture(mask), size) for mask in drawn]
    return masks.shares([F.adaptive_avg_pool2d(mask, tiled_adain.feature_size(*size)) for mask in full])


def _scaled(style: Image.Image, settings: RestyleSettings) -> Image.Image:
    """The style at the size of the result, times the style scale."""
    fitted = images.fit(style, min(settings.side or STYLE_SIDE, STYLE_SIDE))
    if settings.style_scale == 1:
        return fitted
    scale = min(settings.style_scale, STYLE_SIDE / max(fitted.size))
    size = tuple(max(images.MIN_SIDE, round(side * scale)) for side in fitted.size)
    return fitted.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _recoloured(
    pixels: Tensor, styles: Sequence[Image.Image], settings: RestyleSettings, where: Sequence[Tensor]
) -> Tensor:
    """The styles' colours without their texture."""
    with raised_as_engine_error(ValueError, opening=UNMIXABLE):
        shares = adain.proportions(settings.weights, count=len(styles)) if not where else [1.0] * len(styles)
    result = pixels
    size = (pixels.shape[-2], pixels.shape[-1])
    everywhere = [torch.ones(1, 1, 1, 1)] * len(styles)
    for style, share, mask in zip(styles, shares, where or everywhere, strict=True):
        moved = colour.match_colours(pixels, tensors.to_tensor(style)) - pixels
        result = result + settings.strength * share * F.interpolate(mask, size, mode="bilinear") * moved
    return result.clamp(0, 1)


def _grey(mask: Tensor) -> Image.Image:
    return Image.fromarray((255 * mask[0, 0]).round().to(torch.uint8).numpy())
