"""How fast this machine restyles, learnt from what it did, so that an estimate can be given before work starts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from models.style import tiled_adain
from serving.engine.restyling import Estimate
from serving.engine.settings import MAX_SIDE, RestyleSettings

FIRST = 100_000.0  # pixels per second until something was measured: two cores
LIGHT = 800_000.0  # the same of the light network
MOVES = 0.3  # share of the newest measurement
BASE, PER_PIXEL, PER_TILE_PIXEL = 700.0, 100e-6, 1500e-6  # megabytes: libraries and networks, pictures, activations
PER_LIGHT_PIXEL = 150e-6  # megabytes: the light network's peak at 4096 × 3072 was 2.5 GB in all


@dataclass
class Pace:
    """Pixels per second, a running mean of what was measured; safe for threads."""

    rate: float = FIRST
    per_pixel: float = PER_PIXEL
    per_tile_pixel: float = PER_TILE_PIXEL
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of_light(cls) -> Pace:
        """The pace of the light network, whose tiles hardly count beside the whole picture's colours and detail."""
        return cls(LIGHT, per_pixel=PER_LIGHT_PIXEL, per_tile_pixel=0.0)

    def note(self, pixels: int, seconds: float) -> None:
        """Learn from a picture that took `seconds`; tiny ones say nothing."""
        if pixels >= 10_000 and seconds > 0:
            with self._lock:
                self.rate += MOVES * (pixels / seconds - self.rate)

    def estimate(self, size: tuple[int, int], settings: RestyleSettings, *, frames: int = 1) -> Estimate:
        """What pictures of a size (width, height) will take."""
        width, height = result_size(size, settings)
        pixels = width * height
        seconds = frames * pixels / self.rate
        side = tiled_adain.SIDE * tiled_adain.STRIDE
        megabytes = BASE + self.per_pixel * pixels + self.per_tile_pixel * min(pixels, side * side)
        what = f"{frames:,} frames of {width:,} × {height:,} pixels" if frames > 1 else f"{width:,} × {height:,} pixels"
        if max(size) > MAX_SIDE and settings.side is None:
            what += f" ({MAX_SIDE:,} a side are the most)"
        sentence = f"{what}: about {spoken(seconds)} and {megabytes / 1000:.1f} GB of memory."
        return Estimate(width, height, frames, seconds, megabytes, sentence)


def result_size(size: tuple[int, int], settings: RestyleSettings) -> tuple[int, int]:
    """Width and height of the result of a picture of a size, as long as it is neither cropped nor turned obliquely."""
    scale = settings.preparation.scale
    left, top, right, bottom = settings.preparation.crop
    width, height = size[0] * (right - left) * scale, size[1] * (bottom - top) * scale
    if settings.preparation.rotate in (90, -90):
        width, height = height, width
    shrink = min(1.0, (settings.side or MAX_SIDE) / max(width, height))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def spoken(seconds: float) -> str:
    """A duration for people."""
    if seconds < 10:
        return f"{max(seconds, 0.1):.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
