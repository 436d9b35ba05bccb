"""High dynamic range to sRGB: PQ and HLG in BT.2020, as phones film them (ITU-R BT.2100, BT.2408).

Diffuse white, 203 cd/m², keeps its place near white; what is brighter is compressed above a knee.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273, as video headers carry them
WHITE = 203.0  # cd/m² of diffuse white (BT.2408)
PEAK = 1000.0  # cd/m² that become full white
KNEE = 0.5  # linear light, of diffuse white; nothing below it is compressed

TO_BT709 = np.array(  # linear BT.2020 to linear BT.709 (BT.2087)
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], dtype=np.float32
)
LUMINANCE = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)  # of BT.2020


def to_srgb(levels: NDArray[np.uint16], transfer: int) -> NDArray[np.uint8]:
    """Convert a frame to sRGB.

    Args:
        levels: BT.2020 R'G'B' `(H, W, 3)`, 0 … 65535.
        transfer: `PQ` or `HLG`.

    Returns:
        sRGB `(H, W, 3)`, 0 … 255.
    """
    light = _linear(transfer)[levels]  # (H, W, 3), 1 is diffuse white
    if transfer == HLG:
        scene = light @ LUMINANCE
        light = light * (PEAK / WHITE) * (np.maximum(scene, 1e-6) ** 0.2)[..., None]  # the display's own gamma of 1.2
    light = np.maximum(light @ TO_BT709.T, 0)
    brightest = light.max(axis=-1, keepdims=True)  # one factor for all three channels keeps the hue
    light *= _compressed(brightest) / np.maximum(brightest, 1e-6)
    return _srgb()[(light.clip(0, 1) * 4095).round().astype(np.int32)]


def _compressed(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Extended Reinhard above the knee; the peak becomes 1 (Reinhard et al., 2002, eq. 4)."""
    above = np.maximum(light - KNEE, 0) / (1 - KNEE)
    top = (PEAK / WHITE - KNEE) / (1 - KNEE)
    return np.minimum(light, KNEE) + (1 - KNEE) * above * (1 + above / top**2) / (1 + above)


@functools.cache
def _linear(transfer: int) -> NDArray[np.float32]:
    """Light for each of the 65,536 levels: of the display for PQ, of the scene for HLG."""
    signal = np.arange(65536) / 65535
    if transfer == PQ:
        root = signal ** (32 / 2523)
        light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (8192 / 1305)
        return (light * 10_000 / WHITE).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)


@functools.cache
def _srgb() -> NDArray[np.uint8]:
    """SRGB levels for 4,096 steps of linear light."""
    light = np.arange(4096) / 4095
    levels = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255 * levels).round().astype(np.uint8)
