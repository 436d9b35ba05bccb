"""Which device the networks live on, chosen once."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import psutil
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


CONTAINER = Path("/sys/fs/cgroup")  # version 2: a container sees its own limit there


def free_memory(device: torch.device) -> int:
    """Bytes that can be had on a device now.

    On a CPU this counts what the system would give back from its file cache, since that fills whatever no process
    uses, and it ends where a container's limit does: psutil counts the whole host's.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min([psutil.virtual_memory().available, *_left_in_container()])


def _left_in_container() -> list[int]:
    """What a container's limit leaves, where there is one."""
    try:
        limit = int((CONTAINER / "memory.max").read_text())
        used = int((CONTAINER / "memory.current").read_text())
        counts = dict(line.split() for line in (CONTAINER / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group, or its limit is "max"
        return []
    return [max(0, limit - used + int(counts.get("inactive_file", 0)))]
