"""Whose colours a painted picture has and where the paint stands, for restyling and for painting alike."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from torch import Tensor

from models import tensors
from models.style import colour, masks
from serving.engine.errors import EngineError
from serving.engine.settings import RestyleSettings


def recoloured(styles: Sequence[Image.Image], photo: Image.Image, settings: RestyleSettings) -> list[Image.Image]:
    """The paintings as they are to be imitated: in the photograph's colours where those are matched first.

    Raises:
        EngineError: only the colours are wanted, for which there is nothing to optimise.
    """
    if settings.colours == "only":
        raise EngineError("Painting slowly makes brush strokes. For the colours alone, use Instant.")
    if settings.colours != "matched":
        return list(styles)
    target = tensors.to_tensor(photo)
    return [tensors.to_picture(colour.match_colours(tensors.to_tensor(style), target)) for style in styles]


def finish(
    picture: Image.Image, photo: Image.Image, mask: Image.Image | None, settings: RestyleSettings
) -> Image.Image:
    """Give a painting the photograph's colours where they are kept, and the photograph itself outside of the mask.

    Args:
        picture: as it was painted.
        photo: prepared, of any size in that proportion.
        mask: mode L, white where it is painted; None is everywhere.
        settings: whose colours count.
    """
    if settings.colours != "luminance" and mask is None:
        return picture
    before = photo.resize(picture.size, Image.Resampling.LANCZOS)
    area = None if mask is None else tensors.to_tensor(mask.resize(picture.size).convert("RGB"))[:, :1]
    return finished(tensors.to_tensor(picture), tensors.to_tensor(before), area, settings)


def finished(picture: Tensor, pixels: Tensor, area: Tensor | None, settings: RestyleSettings) -> Image.Image:
    """The result as a picture: with the content's colours, and outside of the area the content itself."""
    if settings.colours == "luminance":
        picture = colour.keep_colours(picture, pixels)
    if area is not None:
        picture = masks.blend(picture, pixels, area)
    return tensors.to_picture(picture)
