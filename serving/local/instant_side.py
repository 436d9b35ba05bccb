"""How fast this machine restyles at start, and the setting that fixes the size that the page starts with instead."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter

from PIL import Image
from spaces.config import Config

from serving.engine.settings import INSTANT_SIDES

SETTING = "JUST_LOOK_SIDE"
SHAPE = 2 / 3  # of a photograph: height by width
RUNS = 3


def measured_rate(restyle: Callable[[Image.Image, Image.Image, int], object]) -> float:
    """Time `restyle(photo, painting, side)` at the largest size, on pictures that it has not met.

    The best of a few runs counts: whatever else the machine does at that moment only slows it down.

    Returns:
        Pixels per second.
    """
    side = INSTANT_SIDES[-1]
    size = (side, round(side * SHAPE))
    rates = []
    for run in range(RUNS):
        photo, painting = (Image.effect_noise(size, 40 + 10 * run + shift).convert("RGB") for shift in (0, 5))
        start = perf_counter()
        restyle(photo, painting, side)
        rates.append(size[0] * size[1] / (perf_counter() - start))
    return max(rates)


def fixed_side() -> int | None:
    """The size that whoever runs the server has chosen, if any, in pixels of the longer side.

    ZeroGPU has the largest: a measurement there would count against a visitor's time.

    Raises:
        ValueError: it is none of `INSTANT_SIDES`.
    """
    text = os.environ.get(SETTING, "") or (str(INSTANT_SIDES[-1]) if Config.zero_gpu else "")
    if text and text not in map(str, INSTANT_SIDES):
        sides = ", ".join(map(str, INSTANT_SIDES))
        raise ValueError(f"{SETTING} is {text!r:.40}, but it must be one of {sides}.")
    return int(text) if text else None
