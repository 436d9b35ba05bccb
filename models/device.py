"""Which device the networks live on, chosen once."""

from __future__ import annotations

import functools
import os

import torch


class DeviceError(ValueError):
    """`JUST_LOOK_DEVICE` names a device that this machine does not have."""


@functools.cache
def choose() -> torch.device:
    """CUDA, else Apple's MPS, else the CPU; `JUST_LOOK_DEVICE` overrides.

    Raises:
        DeviceError: the override is not a device of this machine.
    """
    wanted = os.environ.get("JUST_LOOK_DEVICE")
    if wanted:
        try:
            torch.empty(1, device=wanted)
        except (RuntimeError, AssertionError) as error:
            raise DeviceError(f"JUST_LOOK_DEVICE={wanted!r} cannot be used here: {error}") from error
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@functools.cache
def half(kind: str) -> torch.dtype | None:
    """The half-precision type that a kind of device computes in faster than in float32, or None.

    A CPU without bfloat16 units emulates them: thirteen times slower than float32, measured on one with AVX2 alone.

    Args:
        kind: `torch.device.type`.
    """
    if kind == "cuda":
        return torch.float16
    if kind == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return None


def training_autocast(device: torch.device) -> torch.autocast:
    """bfloat16, which needs no loss scaling, where the device is fast in it; else nothing."""
    fast = half(device.type) is not None
    return torch.autocast(device.type, torch.bfloat16 if fast else None, enabled=fast)
