"""How much memory is left for a picture."""

from __future__ import annotations

from pathlib import Path

import psutil
import torch

CONTAINER = Path("/sys/fs/cgroup")  # version 2: a container sees its own limit there


def free(device: torch.device) -> int:
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
