"""Maps of numbers as pictures, in a colour scale whose lightness grows evenly with the numbers."""

from __future__ import annotations

from PIL import Image
from torch import Tensor

LEAST = 256  # pixels a side: a smaller map is enlarged by a whole factor, so that its cells stay square


def heat_map(values: Tensor) -> Image.Image:
    """Colour `(H, W)` in [0, 1] by matplotlib's magma, black for 0."""
    from matplotlib import colormaps  # here, because it would take a tenth of a second of the app's start

    levels = colormaps["magma"](values.cpu().numpy(), bytes=True)[..., :3]  # (H, W, 3) in 0 … 255
    picture = Image.fromarray(levels.copy())
    factor = max(1, round(LEAST / max(picture.size)))
    return picture.resize((picture.width * factor, picture.height * factor), Image.Resampling.NEAREST)
