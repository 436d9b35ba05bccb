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
