"""VGG-19's layers by name, and the style layers of Gatys et al. (2016). Imports no torch."""

from __future__ import annotations

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 1))  # (channels, convolutions), a max-pool between blocks
LAYERS = tuple(f"relu{block}_{i}" for block, (_, count) in enumerate(BLOCKS, 1) for i in range(1, count + 1))
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")  # the paper's


def min_side(layer: str) -> int:
    """The fewest pixels a side from which `layer` has two, what reflection padding needs."""
    return stride(layer) + 1


def stride(layer: str) -> int:
    """Pixels from one place of `layer` to the next."""
    return 2 ** (int(layer[len("relu")]) - 1)


def reach(layer: str) -> int:
    """How many pixels around a place of `layer` its value depends on."""
    block, index = (int(number) for number in layer.removeprefix("relu").split("_"))
    pixels = index  # a convolution sees one place further
    for _, convolutions in reversed(BLOCKS[: block - 1]):
        pixels = 2 * pixels + 1 + convolutions  # pooling makes one place of two
    return pixels


def receptive_field(layer: str) -> int:
    """How many pixels a side of the picture a place of `layer` sees."""
    block, index = (int(number) for number in layer.removeprefix("relu").split("_"))
    side, step = 1, 1
    for convolutions in (*(count for _, count in BLOCKS[: block - 1]), index):
        side += 2 * step * convolutions
        side, step = side + step, 2 * step  # pooling
    return side - step // 2  # the last block is not pooled
