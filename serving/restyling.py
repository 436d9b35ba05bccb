"""Style transfer in one pass, on this machine, with all that can be kept of a picture kept."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from time import perf_counter

import spaces
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from models import adain, colour, device, images, preprocessing, regions, saliency, tiles
from models.adain import Moments
from models.regions import MaskError
from serving import networks, quick_style
from serving.engine import EngineError
from serving.finishing import finished
from serving.pace import Pace
from serving.picture import Picture
from serving.restyler import Estimate, RestyleStep
from serving.settings import BACKGROUND, DRAWN, MAX_SIDE, WHOLE, RestyleSettings

STYLE_SIDE = 1536  # pixels of a style picture at most; its statistics hardly change above
KEPT = 768 * 768  # pixels of a content whose features are worth keeping


class Restyling:
    """The part of the engine that restyles; see `serving.restyler.Restyler` for what the methods promise."""

    def __init__(self) -> None:
        self._moments = functools.lru_cache(maxsize=256)(_style_moments)  # 4 kB each
        self._looks = functools.lru_cache(maxsize=8)(quick_style.look)  # 2 MB each at 384 px, 28 MB at the most
        self._features = functools.lru_cache(maxsize=8)(_content_features)  # 5 MB each at 384 px
        self._subjects = functools.lru_cache(maxsize=8)(_find_subject)
        self._results = functools.lru_cache(maxsize=16)(self._restyle)
        self._pace, self._light_pace = Pace(), Pace.of_light()

    def restyle(self, content: Image.Image, style: Image.Image, *, strength: float, side: int) -> Image.Image:
        """See `Restyler.restyle`."""
        return self.restyled(content, [style], RestyleSettings(strength=strength, side=side, network="adain"))

    def restyled(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Image.Image:
        """See `Restyler.restyled`."""
        keys = tuple(map(Picture.of, styles)), tuple(map(Picture.of, regions))
        before = Picture.of(self.prepared(content, settings))
        return self._results(before, keys[0], settings, None if mask is None else Picture.of(mask), keys[1])

    def _restyle(
        self,
        before: Picture,
        styles: tuple[Picture, ...],
        settings: RestyleSettings,
        mask: Picture | None,
        regions: tuple[Picture, ...],
    ) -> Image.Image:
        *_, last = self._steps(
            before.image,
            [style.image for style in styles],
            settings,
            None if mask is None else mask.image,
            [region.image for region in regions],
        )
        assert last.picture is not None
        return last.picture

    def restyle_steps(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        *,
        mask: Image.Image | None = None,
        regions: Sequence[Image.Image] = (),
    ) -> Iterator[RestyleStep]:
        """See `Restyler.restyle_steps`."""
        return self._steps(self.prepared(content, settings), styles, settings, mask, regions)

    def prepared(self, content: Image.Image, settings: RestyleSettings) -> Image.Image:
        """See `Restyler.prepared`."""
        prepared = preprocessing.prepare(content, settings.preparation, find_subject=self._subject)
        return images.fit(prepared, settings.side or MAX_SIDE)

    def mask(
        self, content: Image.Image, settings: RestyleSettings, *, drawn: Image.Image | None = None
    ) -> Image.Image | None:
        """See `Restyler.mask`."""
        area = self._area(self.prepared(content, settings), settings, drawn)
        return None if area is None else _grey(area)

    def cut_out(self, content: Image.Image) -> Image.Image:
        """See `Restyler.cut_out`."""
        layer = content.convert("RGB")
        layer.putalpha(self._subject(content))
        return layer

    def estimate(self, size: tuple[int, int], settings: RestyleSettings, *, frames: int = 1) -> Estimate:
        """See `Restyler.estimate`."""
        pace = self._light_pace if quick_style.wanted(settings) else self._pace
        return pace.estimate(size, settings, frames=frames)

    def _steps(
        self,
        before: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        mask: Image.Image | None,
        drawn_regions: Sequence[Image.Image],
    ) -> Iterator[RestyleStep]:
        start, pixels = perf_counter(), images.to_tensor(before)
        size = (before.height, before.width)
        area = self._area(before, settings, mask)
        where = _shared(drawn_regions, size, count=len(styles))
        if settings.colours == "only":
            picture = _recoloured(pixels, styles, settings, where)
            yield RestyleStep(1, 1, finished(picture, pixels, area, settings))
            return
        if settings.colours == "matched":  # cached by what the styles become, not by what they were
            styles = [images.to_picture(colour.match_colours(images.to_tensor(s), pixels)) for s in styles]
        if quick_style.wanted(settings):
            yield RestyleStep(1, 1, finished(self._lightly(pixels, styles, settings, where), pixels, area, settings))
            self._light_pace.note(before.width * before.height, perf_counter() - start)
            return
        found = self._manner(styles, settings, mixed=not where)
        total, done = 2 * len(tiles.windows(*size)), 0
        if before.width * before.height <= KEPT:
            features, done = self._features(Picture.of(before)), total // 2
        else:
            features = tiles.empty_features(pixels)
            for _ in tiles.encoded(encode, pixels, features=features):
                yield RestyleStep(done := done + 1, total)
        picture = torch.empty_like(pixels)
        for _ in tiles.painted(painter(found, where, settings), features, picture=picture):
            if (done := done + 1) < total:
                yield RestyleStep(done, total)
        del features
        whole = finished(picture, pixels, area, settings)
        self._pace.note(before.width * before.height, perf_counter() - start)
        yield RestyleStep(total, total, whole)

    def _lightly(
        self, pixels: Tensor, styles: Sequence[Image.Image], settings: RestyleSettings, where: Sequence[Tensor]
    ) -> Tensor:
        if not styles:
            raise EngineError("Choose at least one style.")
        looks = [self._looks(Picture.of(_scaled(style, settings))) for style in styles]
        return quick_style.paint(pixels, looks, where, settings)

    def _manner(self, styles: Sequence[Image.Image], settings: RestyleSettings, *, mixed: bool) -> list[Moments]:
        """The moments to paint with: of each style where each has its region, else of their mixture."""
        if not styles:
            raise EngineError("Choose at least one style.")
        found = [self._moments(Picture.of(_scaled(style, settings))) for style in styles]
        if not mixed:
            return found
        try:
            return [adain.mix(found, settings.weights)]
        except ValueError as error:
            raise EngineError(f"The styles can't be mixed: {error}.") from None

    def _area(self, before: Image.Image, settings: RestyleSettings, drawn: Image.Image | None) -> Tensor | None:
        """Where the style goes, `(1, 1, H, W)`."""
        if settings.area == WHOLE:
            return None
        if settings.area == DRAWN:
            if drawn is None:
                raise EngineError("Draw a mask first, or choose another area.")
            with _explained():
                area = regions.sized(regions.from_picture(drawn), (before.height, before.width))
        else:
            area = regions.from_picture(self._subject(before))
            area = 1 - area if settings.area == BACKGROUND else area
        with _explained():
            return regions.check(regions.feathered(area, settings.feather))

    def _subject(self, picture: Image.Image) -> Image.Image:
        mask = self._subjects(Picture.of(picture))
        if mask.getextrema()[1] < 128:  # nothing reaches one half
            raise EngineError("No subject was found in this picture. Draw the mask, or choose the whole picture.")
        return mask


class _explained:  # noqa: N801 - it reads as a word in a with statement
    """Turn what is wrong with a mask into what an engine says."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, MaskError):
            raise EngineError(str(error)) from None


def _shared(drawn: Sequence[Image.Image], size: tuple[int, int], *, count: int) -> list[Tensor]:
    """The regions of the styles at the size of the features; none where the styles mix."""
    if not drawn:
        return []
    if len(drawn) != count:
        raise EngineError(f"Each style needs its region: there are {count} styles and {len(drawn)} regions.")
    with _explained():
        full = [regions.sized(regions.from_picture(mask), size) for mask in drawn]
    return regions.shares([F.adaptive_avg_pool2d(mask, tiles.feature_size(*size)) for mask in full])


def painter(styles: Sequence[Moments], masks: Sequence[Tensor], settings: RestyleSettings) -> tiles.Paint:
    """What paints a tile: in one style, or in one for each mask at the size of the features."""

    def paint(tile: Tensor, own: Moments, window: tiles.Window) -> Tensor:
        return _paint(tile, styles, [window.of(mask) for mask in masks], settings.strength, own)

    return paint


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
    try:
        shares = adain.proportions(settings.weights, count=len(styles)) if not where else [1.0] * len(styles)
    except ValueError as error:
        raise EngineError(f"The styles can't be mixed: {error}.") from None
    result = pixels
    size = (pixels.shape[-2], pixels.shape[-1])
    everywhere = [torch.ones(1, 1, 1, 1)] * len(styles)
    for style, share, mask in zip(styles, shares, where or everywhere, strict=True):
        moved = colour.match_colours(pixels, images.to_tensor(style)) - pixels
        result = result + settings.strength * share * F.interpolate(mask, size, mode="bilinear") * moved
    return result.clamp(0, 1)


def _grey(mask: Tensor) -> Image.Image:
    return Image.fromarray((255 * mask[0, 0]).round().to(torch.uint8).numpy())


@spaces.GPU(duration=10)
@torch.inference_mode()
def _find_subject(picture: Picture) -> Image.Image:
    pixels = images.to_tensor(images.fit(picture.image, saliency.SIDE)).to(device.choose())
    mask = _grey(saliency.subject_mask(networks.subject_finder(), pixels).cpu())
    return mask.resize(picture.image.size, Image.Resampling.BICUBIC)


@spaces.GPU(duration=10)
@torch.inference_mode()
def encode(pixels: Tensor) -> Tensor:
    """The features of a picture, or of a tile, on the CPU."""
    with networks.autocast():
        return adain.encode(networks.encoder(), pixels.to(device.choose())).float().cpu()


def _style_moments(style: Picture) -> Moments:
    return adain.moments(encode(images.to_tensor(style.image)))


def _content_features(content: Picture) -> Tensor:
    return encode(images.to_tensor(content.image))


@spaces.GPU(duration=10)
@torch.inference_mode()
def _paint(
    features: Tensor, styles: Sequence[Moments], masks: Sequence[Tensor], strength: float, own: Moments
) -> Tensor:
    place = device.choose()
    features, own = features.to(place), own.to(place)
    with networks.autocast():
        if masks:
            painted = adain.adain_regions(
                features, [s.to(place) for s in styles], [m.to(place) for m in masks], strength=strength, own=own
            )
        else:
            painted = adain.adain(features, styles[0].to(place), strength=strength, own=own)
        return networks.decoder()(painted).float().clamp(0, 1).cpu()
