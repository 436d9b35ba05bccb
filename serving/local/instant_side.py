"""The size at which this machine restyles a photograph within about a second: measured at start, or a setting."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from time import perf_counter

from PIL import Image

from serving.engine.settings import INSTANT_SIDES
from serving.local.networks import PassName

SETTING = "JUST_LOOK_SIDE"
INSTANT, SHAPE = 1.2, 2 / 3  # seconds for a photograph of 3 : 2 that count as "within about a second"
RUNS = 3  # of the measurement at start


class InstantSide:
    """The largest of `INSTANT_SIDES` that takes about a second."""

    def __init__(self, rates: Mapping[PassName, float]) -> None:
        """Start from what other machines do.

        Args:
            rates: pixels per second of each network until they are measured.

        Raises:
            ValueError: the setting is none of `INSTANT_SIDES`.
        """
        self.rates = dict(rates)
        self._fixed = _fixed(os.environ.get(SETTING, ""))

    def largest(self, name: PassName) -> int:
        """Return the size for a network, in pixels of the longer side."""
        if self._fixed:
            return self._fixed
        quick = [side for side in INSTANT_SIDES if side * side * SHAPE <= self.rates[name] * INSTANT]
        return max(quick, default=INSTANT_SIDES[0])

    def measure(self, name: PassName, restyle: Callable[[Image.Image, Image.Image, int], object]) -> None:
        """Time `restyle(photo, painting, side)` on pictures that it has not met.

        The best of a few runs counts: whatever else the machine does at that moment only slows it down.
        """
        side = INSTANT_SIDES[-1]
        size = (side, round(side * SHAPE))
        rates = []
        for run in range(RUNS):
            photo, painting = (Image.effect_noise(size, 40 + 10 * run + shift).convert("RGB") for shift in (0, 5))
            start = perf_counter()
            restyle(photo, painting, side)
            rates.append(size[0] * size[1] / (perf_counter() - start))
        self.rates[name] = max(rates)


def _fixed(text: str) -> int | None:
    """The size that whoever runs the server has chosen, if any."""
    if text and text not in map(str, INSTANT_SIDES):
        sides = ", ".join(map(str, INSTANT_SIDES))
        raise ValueError(f"{SETTING} is {text!r:.40}, but it must be one of {sides}.")
    return int(text) if text else None
