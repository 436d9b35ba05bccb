"""How fast this machine restyles: what that says of a picture to come, and of the size that the page starts with."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from PIL import Image
from spaces.config import Config

from models.style import tiled_adain
from serving.engine.restyling import Estimate
from serving.engine.settings import INSTANT_SIDES, MAX_SIDE, RestyleSettings

SETTING = "JUST_LOOK_SIDE"
SHAPE = 2 / 3  # of a photograph: height by width
RUNS = 3
INSTANT = 1.2  # seconds for a photograph that count as "within about a second"
FIRST, FIRST_LIGHT = 100_000.0, 800_000.0  # pixels per second until something was measured: two cores
NEWEST = 0.3  # share of the newest measurement in the mean
BASE, PER_PIXEL, PER_TILE_PIXEL = 700.0, 100e-6, 1500e-6  # megabytes: libraries and networks, pictures, activations
PER_LIGHT_PIXEL = 150e-6  # megabytes: the light network's peak at 4096 × 3072 was 2.5 GB in all


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


def largest_quick_side(rate: float) -> int:
    """The largest size that a machine of so many pixels per second restyles at once, or the smallest of all."""
    quick = [side for side in INSTANT_SIDES if side * side * SHAPE <= rate * INSTANT]
    return max(quick, default=INSTANT_SIDES[0])


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


@dataclass
class Speed:
    """How fast this machine restyles: pixels per second, a running mean of what was measured; safe for threads."""

    rate: float = FIRST
    per_pixel: float = PER_PIXEL
    per_tile_pixel: float = PER_TILE_PIXEL
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_light(cls) -> Speed:
        """The speed of the light network, whose tiles hardly count beside the whole picture's colours and detail."""
        return cls(FIRST_LIGHT, per_pixel=PER_LIGHT_PIXEL, per_tile_pixel=0.0)

    def note(self, pixels: int, seconds: float) -> None:
        """Count a picture that took `seconds`; tiny ones measure nothing."""
        if pixels >= 10_000 and seconds > 0:
            with self._lock:
                self.rate += NEWEST * (pixels / seconds - self.rate)

    def estimate(self, size: tuple[int, int], settings: RestyleSettings, *, frames: int = 1) -> Estimate:
        """What pictures of a size (width, height) will take."""
        width, height = result_size(size, settings)
        pixels = width * height
        seconds = frames * pixels / self.rate
        side = tiled_adain.SIDE * tiled_adain.STRIDE
        megabytes = BASE + self.per_pixel * pixels + self.per_tile_pixel * min(pixels, side * side)
        larger = max(size) > MAX_SIDE and settings.side is None
        reduced = f"({MAX_SIDE:,} a side are the most)" if larger else ""
        return Estimate(width, height, frames, seconds, megabytes, reduced)


def result_size(size: tuple[int, int], settings: RestyleSettings) -> tuple[int, int]:
    """Width and height of the result of a picture of a size, as long as it is neither cropped nor turned obliquely."""
    scale = settings.preparation.scale
    left, top, right, bottom = settings.preparation.crop
    width, height = size[0] * (right - left) * scale, size[1] * (bottom - top) * scale
    if settings.preparation.rotate in (90, -90):
        width, height = height, width
    shrink = min(1.0, (settings.side or MAX_SIDE) / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))
