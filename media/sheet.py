"""A contact sheet of samples: small pictures in a square, blown up without blur."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image

ACCENT = (194, 65, 12)


def lay_out(samples: Sequence[Image.Image], *, scale: int = 1, gap: int = 0, held: int | None = None) -> Image.Image:
    """Put samples of one size into the smallest square sheet, row by row.

    Args:
        samples: square pictures of one size and mode, L or RGB.
        scale: pixels of the sheet for each pixel of a sample.
        gap: white pixels around each sample.
        held: index of the sample to frame; the frame takes up the gap.

    Returns:
        A picture of the samples' mode. Where one sample is framed it is RGB, or P if it has few enough colours for it.
    """
    unit = math.gcd(scale, gap)  # what all of the sheet is a multiple of: it is laid out so much smaller, then enlarged
    scale, gap = scale // unit, gap // unit
    columns = math.isqrt(len(samples) - 1) + 1
    side = samples[0].width * scale
    pitch = side + gap
    sheet = Image.new(samples[0].mode, (columns * pitch + gap, columns * pitch + gap), "white")
    for i, sample in enumerate(samples):
        row, column = divmod(i, columns)
        sheet.paste(_enlarged(sample, scale), (gap + column * pitch, gap + row * pitch))
    if held is not None:
        sheet, accent = _with_accent(sheet)
        row, column = divmod(held, columns)
        left, top = column * pitch, row * pitch
        inside = sheet.crop((left + gap, top + gap, left + pitch, top + pitch))
        sheet.paste(accent, (left, top, left + pitch + gap, top + pitch + gap))
        sheet.paste(inside, (left + gap, top + gap))
    return _enlarged(sheet, unit)


def _enlarged(picture: Image.Image, times: int) -> Image.Image:
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)


def _with_accent(sheet: Image.Image) -> tuple[Image.Image, int | tuple[int, int, int]]:
    """The sheet in a mode that has the frame's colour, and the pixel of that colour.

    A grey sheet in which a level is free keeps a byte a pixel: a PNG of it takes a quarter of the time.
    """
    if sheet.mode == "L" and 0 in (counts := sheet.histogram()):
        free = counts.index(0)
        sheet.putpalette([part for level in range(256) for part in (ACCENT if level == free else (level,) * 3)])
        return sheet, free
    return sheet.convert("RGB"), ACCENT


def scale_to(sample: Image.Image, side: int) -> int:
    """How often a sample fits into a side, at least once."""
    return max(1, side // sample.width)


def cell_at(position: Sequence[int], *, size: int, columns: int) -> int:
    """The index of the sample under a point `(x, y)` of a square sheet of `size` pixels."""
    column, row = (min(columns - 1, int(coordinate * columns / size)) for coordinate in position)
    return row * columns + column
