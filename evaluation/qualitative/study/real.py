"""Real pictures for the arms that show real data."""

from __future__ import annotations

import functools

import numpy as np
from PIL import Image

from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.study.folders import SHIPPED

SHEETS = {"mnist-digits": 32, "fashion-clothes": 32}  # name of the file in studies/, side of one picture in pixels


def pick(data: str, *, seed: int, count: int) -> list[Image.Image]:
    """Pick real pictures without repeats, in the format of the generator's samples.

    Args:
        data: name of a sheet in `studies/`.
        seed: the same seed picks the same pictures.
        count: number of pictures.

    Returns:
        Pictures of mode L, ink on paper.

    Raises:
        StudyError: there is no such data, or the sheet holds fewer pictures.
    """
    if data not in SHEETS:
        raise StudyError(f"there are no real pictures called {data!r}; there are: {', '.join(SHEETS)}")
    pictures = _pictures(data)
    if count > len(pictures):
        raise StudyError(f"{data!r} holds {len(pictures)} pictures, {count} were asked for")
    chosen = np.random.RandomState(seed).permutation(len(pictures))[:count]
    return [Image.fromarray(255 - pictures[i]) for i in chosen]


@functools.cache
def _pictures(data: str) -> np.ndarray:
    """The sheet cut up: uint8 `(N, side, side)`, white on black as the data set stores it."""
    side = SHEETS[data]
    sheet = np.asarray(Image.open(SHIPPED / f"{data}.png").convert("L"))
    rows, columns = sheet.shape[0] // side, sheet.shape[1] // side
    return sheet.reshape(rows, side, columns, side).swapaxes(1, 2).reshape(-1, side, side)
