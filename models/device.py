"""The device of the networks, its half-precision type and its free memory."""

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
    """Choose the device, once: CUDA, else Apple's MPS, else the CPU; `JUST_LOOK_DEVICE` overrides.

    Raises:
        DeviceError: the override is not a device of this machine.
    """
    name = os.environ.get("JUST_LOOK_DEVICE")
    if name:
        try:
            torch.empty(1, device=name)
        except (RuntimeError, AssertionError) as error:
            raise DeviceError(f"JUST_LOOK_DEVICE={name!r} cannot be used here: {error}") from error
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


@functools.cache
def half(kind: str) -> torch.dtype | None:
    """The half-precision type in which a kind of device is faster than in float32, or None.

    A CPU without bfloat16 units emulates bfloat16: thirteen times slower than float32, measured with AVX2.

    Args:
        kind: `torch.device.type`.
    """
    if kind == "cuda":
        return torch.float16
    if kind == "cpu" and (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        return torch.bfloat16
    return None


def training_autocast(device: torch.device) -> torch.autocast:
    """Autocast to bfloat16, which needs no loss scaling, where the device is fast in half precision; else a no-op."""
    fast = half(device.type) is not None
    return torch.autocast(device.type, torch.bfloat16 if fast else None, enabled=fast)


CONTAINER = Path("/sys/fs/cgroup")  # cgroup version 2: the limit of this container


def free_memory(device: torch.device) -> int:
    """Bytes of memory that are free on a device now.

    On a CPU this includes the file cache, which the system frees when it needs memory. In a container it is limited by
    the limit of the container; psutil counts the memory of the whole host.
    """
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return min([psutil.virtual_memory().available, *_left_in_container()])


def _left_in_container() -> list[int]:
    """The bytes that the limit of the container leaves; empty if there is no limit."""
    try:
        limit = int((CONTAINER / "memory.max").read_text())
        used = int((CONTAINER / "memory.current").read_text())
        counts = dict(line.split() for line in (CONTAINER / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # there is no such group, or its limit is "max"
        return []
    return [max(0, limit - used + int(counts.get("inactive_file", 0)))]
