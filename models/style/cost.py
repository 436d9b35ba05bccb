"""What painting by optimisation will take, estimated before it begins: memory and time, in pixels.

Both grow with the number of pixels that pass through the network at once. The memory holds every activation that the
backward pass needs; measured as the growth of the peak of a process: 3,630 to 3,860 bytes a pixel at 192 to 448 px a
side, 4,270 in tiles.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.style.layers import reach
from models.style.tiled_loss import GRID, tiles

BYTES = 4_300  # a pixel looked at: activations and their gradients
KEPT = 110  # a pixel of the result: the photograph's features, the picture, its gradient and Adam's moments
HISTORY = 24  # more for each step that L-BFGS remembers
MARGIN = -(-reach("relu5_1") // GRID) * GRID


@dataclass(frozen=True)
class Cost:
    """What one step over a picture takes.

    Attributes:
        memory: bytes at the peak, beyond the network.
        looked_at: pixels that one step runs through the network, counting both passes over tiles.
    """

    memory: int
    looked_at: int


def cost(height: int, width: int, *, tile: int | None = None, history: int = 0) -> Cost:
    """Estimate a painting's peak memory and the work of a step.

    Args:
        height: of the result in pixels.
        width: of the result in pixels.
        tile: side of a tile, None to look at the whole.
        history: steps that L-BFGS remembers, 0 for Adam.
    """
    pixels = height * width
    kept = pixels * (KEPT + HISTORY * history)
    if tile is None or max(height, width) <= tile:
        return Cost(kept + pixels * BYTES, pixels)
    outer = [
        (piece.outer_rows.stop - piece.outer_rows.start) * (piece.outer_columns.stop - piece.outer_columns.start)
        for piece in tiles(height, width, side=tile, margin=MARGIN)
    ]
    return Cost(kept + max(outer) * BYTES, round(sum(outer) * 4 / 3))  # a forward pass more, of three passes' work
