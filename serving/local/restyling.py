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

from media import images, preprocessing
from models import device, tensors
from models.style import adain, colour, light, masks, tiled_adain
from models.style.light import Look
from models.style.masks import MaskError
from models.vision import saliency
from serving.engine.errors import EngineError
from serving.engine.restyling import Estimate, RestyleStep
from serving.engine.settings import BACKGROUND, DRAWN, MAX_SIDE, WHOLE, RestyleSettings
from serving.local import networks, one_pass
from serving.local.finishing import finished
from serving.local.one_pass import By
from serving.local.pace import Pace
from serving.local.picture_key import Picture

STYLE_SIDE = 1536  # pixels of a style picture at most; its statistics hardly change above
KEPT = 768 * 768  # pixels of a content whose features are worth keeping


class Restyling:
    """The part of the engine that restyles; see `serving.engine.restyling.Restyler` for what the methods promise."""

    def __init__(self) -> None:
        self._looks = functools.lru_cache(maxsize=256)(_style_look)  # 4 kB each
        self._features = functools.lru_cache(maxsize=8)(_content_features)  # 5 MB each at 384 px
        self._subjects = functools.lru_cache(maxsize=8)(_find_subject)
        self._results = functools.lru_cache(maxsize=16)(self._restyle)
        self._paces = {"light": Pace.of_light(), "adain": Pace()}

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
        return self._paces[one_pass.chosen(settings)].estimate(size, settings, frames=frames)

    def _steps(
        self,
        before: Image.Image,
        styles: Sequence[Image.Image],
        settings: RestyleSettings,
        mask: Image.Image | None,
        drawn_regions: Sequence[Image.Image],
    ) -> Iterator[RestyleStep]:
        start, pixels = perf_counter(), tensors.to_tensor(before)
        size = (before.height, before.width)
        area = self._area(before, settings, mask)
        where = _shared(drawn_regions, size, count=len(styles))
        if settings.colours == "only":
            picture = _recoloured(pixels, styles, settings, where)
            yield RestyleStep(1, 1, finished(picture, pixels, area, settings))
            return
        if settings.colours == "matched":  # cached by what the styles become, not by what they were
            styles = [tensors.to_picture(colour.match_colours(tensors.to_tensor(s), pixels)) for s in styles]
        by = one_pass.chosen(settings)
        found = self._manner(styles, settings, mixed=not where)
        wanted, tiled = one_pass.passes(by, found, where), len(tiled_adain.windows(*size))
        total, done = (1 + len(wanted)) * tiled, 0
        if before.width * before.height <= KEPT:
            features, done = self._features(Picture.of(before), by), tiled
        else:
            features = tiled_adain.empty_features(pixels, channels=one_pass.CHANNELS[by])
            encode = functools.partial(one_pass.encode, by=by)
            for _ in tiled_adain.encoded(encode, pixels, features=features):
                yield RestyleStep(done := done + 1, total)
        result = pixels
        for one in wanted:
            picture = torch.empty_like(pixels)
            for _ in tiled_adain.painted(one_pass.painter(by, one, settings.strength), features, picture=picture):
                if (done := done + 1) < total:
                    yield RestyleStep(done, total)
            result = one_pass.added(by, result, picture, one, pixels, settings.strength)
        del features, picture
        whole = finished(result, pixels, area, settings)
        self._paces[by].note(before.width * before.height, perf_counter() - start)
        yield RestyleStep(total, total, whole)

    def _manner(self, styles: Sequence[Image.Image], settings: RestyleSettings, *, mixed: bool) -> list[Look]:
        """The looks to paint in: of each style where each has its region, else of their mixture."""
        if not styles:
            raise EngineError("Choose at least one style.")
        by = one_pass.chosen(settings)
        found = [self._looks(Picture.of(_scaled(style, settings)), by) for style in styles]
        if not mixed:
            return found
        try:
            return [light.mix(found, settings.weights)]
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
                area = masks.sized(masks.from_picture(drawn), (before.height, before.width))
        else:
            area = masks.from_picture(self._subject(before))
            area = 1 - area if settings.area == BACKGROUND else area
        with _explained():
            return masks.check(masks.feathered(area, settings.feather))

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
    try:
        shares = adain.proportions(settings.weights, count=len(styles)) if not where else [1.0] * len(styles)
    except ValueError as error:
        raise EngineError(f"The styles can't be mixed: {error}.") from None
    result = pixels
    size = (pixels.shape[-2], pixels.shape[-1])
    everywhere = [torch.ones(1, 1, 1, 1)] * len(styles)
    for style, share, mask in zip(styles, shares, where or everywhere, strict=True):
        moved = colour.match_colours(pixels, tensors.to_tensor(style)) - pixels
        result = result + settings.strength * share * F.interpolate(mask, size, mode="bilinear") * moved
    return result.clamp(0, 1)


def _grey(mask: Tensor) -> Image.Image:
    return Image.fromarray((255 * mask[0, 0]).round().to(torch.uint8).numpy())


@spaces.GPU(duration=10)
@torch.inference_mode()
def _find_subject(picture: Picture) -> Image.Image:
    pixels = tensors.to_tensor(images.fit(picture.image, saliency.SIDE)).to(device.choose())
    mask = _grey(saliency.subject_mask(networks.subject_finder(), pixels).cpu())
    return mask.resize(picture.image.size, Image.Resampling.BICUBIC)


def _style_look(style: Picture, by: By) -> Look:
    pixels = tensors.to_tensor(style.image)
    seen = light.middle(pixels) if by == "light" else pixels
    return Look(adain.moments(one_pass.encode(seen, by)), *colour.statistics(pixels))


def _content_features(content: Picture, by: By) -> Tensor:
    return one_pass.encode(tensors.to_tensor(content.image), by)
