"""An invisible mark inside the pixels: spread spectrum in the DCT (Cox, Kilian, Leighton & Shamoon, 1997).

A fixed pattern of plus and minus ones is added to the middle frequencies of the picture, thousands of them, each by an
amount that nobody sees. Whoever knows the pattern adds up what every frequency says: chance cancels out, the mark does
not. The reader needs no original. Both sides look at the picture scaled to one size, so another size or a strong JPEG
leaves the mark readable; a cut, a turn or a repainted picture moves the frequencies, and then it is lost.

The pattern is in this file, so anybody may add or remove the mark: it helps honest people to recognise a picture, and
proves nothing. It carries no number and no name.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image

SIDE = 256  # pixels: both sides of the picture that is looked at, whatever the size of the file
LOWEST, HIGHEST = 20, 110  # frequencies; below, a picture has its shapes, above 128 half of its size has nothing
SEED = 1997  # of the pattern
MIN_SIDE = 256  # pixels of the shorter side: half the size of a smaller picture would not hold the frequencies
QUALITY = (42.0, 40.2)  # peak signal-to-noise ratio in dB: the second one only where the first is not read well
READ_WELL = 8.0  # standard deviations: still above the threshold after a JPEG
HOPELESS = 6.0  # the second quality adds a fifth at most
THRESHOLD = 5.0  # standard deviations: chance exceeds it in 3 of 10 million pictures
LEAST, BUSY = 0.35, 12.0  # how much of the mark a flat area gets; the local deviation, in levels, that gets all of it
NEIGHBOURS = 9  # frequencies across, whose mean size says how much one of them usually is
FURTHEST = 3.0  # times that size: a single frequency counts no more than this

Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What the reader sees in a picture."""

    score: float  # standard deviations above chance

    @property
    def present(self) -> bool:
        """Whether the mark is there."""
        return self.score >= THRESHOLD


def embedded(picture: Image.Image) -> Image.Image:
    """The picture with the mark, as weak as it can be read; transparency stays.

    Args:
        picture: RGB, RGBA, L, or P without transparency.

    Returns:
        A picture of the same size and mode, but RGB in place of P. It is the given one, unchanged, where the mark can't
        be carried: a side below `MIN_SIDE`, or too little texture to hide it in.
    """
    if min(picture.size) < MIN_SIDE or picture.mode not in ("RGB", "RGBA", "L", "P"):
        return picture
    small = _small(picture)
    # A sheet of digits carries no mark: at full size, where levels are rounded, it would be read even less than here.
    # The reader looks for the bare pattern, so one that is stronger in places is no better read; it costs more to make.
    if _hopeless(small, _waves()):
        return picture
    pattern: Plane = _waves() * _gain(small)
    if _hopeless(small, pattern):
        return picture
    carrier = picture.convert("RGB") if picture.mode == "P" else picture
    mark: Plane = np.asarray(Image.fromarray(pattern).resize(picture.size, Image.Resampling.BICUBIC))
    for quality in QUALITY:
        marked = _added(carrier, mark * _strength(mark, quality))
        score = read(marked).score
        if score >= READ_WELL:
            return marked
        if score < HOPELESS:
            break
    return picture


def read(picture: Image.Image) -> Reading:
    """Look for the mark; the picture may have any size and mode."""
    return Reading(_score(_small(picture)))


def _hopeless(small: Plane, pattern: Plane) -> bool:
    """Whether the mark is hardly read in a plane that just got it, as strong as is allowed at first."""
    return _score(np.clip(small + pattern * _strength(pattern, QUALITY[0]), 0, 255)) < HOPELESS


def _score(small: Plane) -> float:
    """Standard deviations above chance by which the pattern is in a plane of SIDE × SIDE."""
    reach = HIGHEST + NEIGHBOURS  # what is higher has no part in it
    spectrum = scipy.fft.dctn(small, norm="ortho")[:reach, :reach]
    usual = scipy.ndimage.uniform_filter(np.abs(spectrum), NEIGHBOURS) + 0.5
    band, signs = _pattern()
    inside = band[:reach, :reach]
    values = np.clip(spectrum[inside] / usual[inside], -FURTHEST, FURTHEST)
    length = float(np.sqrt(values @ values))
    return float(values @ signs) / length if length else 0.0


@functools.cache
def _pattern() -> tuple[NDArray[np.bool_], Plane]:
    """Which of the SIDE × SIDE frequencies carry the mark, and the sign of each."""
    radius = np.hypot(*np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"))
    band = (radius >= LOWEST) & (radius < HIGHEST)
    signs = np.random.default_rng(SEED).choice(np.array([-1, 1], np.float32), size=int(band.sum()))
    return band, signs


@functools.cache
def _waves() -> Plane:
    """The pattern as a picture, SIDE × SIDE, with a standard deviation of 1."""
    band, signs = _pattern()
    spectrum = np.zeros((SIDE, SIDE), np.float32)
    spectrum[band] = signs
    waves = scipy.fft.idctn(spectrum, norm="ortho")
    return waves / waves.std()


def _small(picture: Image.Image) -> Plane:
    """The picture's lightness at the size that is looked at, float32 in 0 … 255."""
    if picture.has_transparency_data:
        picture = picture.convert("RGBA").convert("RGB")
    grey = _lightness(picture).resize((SIDE, SIDE), Image.Resampling.HAMMING, reducing_gap=2.0)
    return np.asarray(grey, dtype=np.float32)


def _lightness(picture: Image.Image) -> Image.Image:
    """The picture in mode L; looking up 256 colours takes a third of the time of converting each pixel."""
    if picture.mode != "P":
        return picture.convert("L")
    colours = bytes(picture.getpalette("RGB") or ())
    table = Image.frombytes("RGB", (len(colours) // 3, 1), colours).convert("L").tobytes()
    return Image.frombytes("L", picture.size, picture.tobytes()).point(table.ljust(256, b"\0"))


def _gain(small: Plane) -> Plane:
    """How much of the mark each place gets: more where the picture is busy and hides it."""
    mean = scipy.ndimage.uniform_filter(small, 5)
    deviation = np.sqrt(np.maximum(scipy.ndimage.uniform_filter(small * small, 5) - mean * mean, 0))
    return (LEAST + np.minimum(scipy.ndimage.uniform_filter(deviation, 5) / BUSY, 1)).astype(np.float32, copy=False)


def _strength(mark: Plane, quality: float) -> float:
    """The factor that gives the marked picture a peak signal-to-noise ratio of `quality`, before rounding."""
    return float(255 / 10 ** (quality / 20) / np.sqrt(np.mean(mark * mark)))


def _added(picture: Image.Image, change: Plane) -> Image.Image:
    levels = np.asarray(picture).astype(np.int16)
    steps = np.rint(change).astype(np.int16)
    if levels.ndim == 2:
        levels += steps
    else:
        levels[..., :3] += steps[..., None]
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8), picture.mode)
