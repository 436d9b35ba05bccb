"""Several processes that train together, as `torchrun` starts them: `torchrun --nproc-per-node 2 -m training.gan NAME`.

What they exchange is in `models.gan.training.parallel`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import distributed as dist

from models.gan.training import parallel


@contextmanager
def joined(device: str) -> Iterator[torch.device]:
    """Join the other processes, if `torchrun` started this one, and yield its device.

    Args:
        device: `cpu`, or `cuda`, of which each process of a machine gets one.
    """
    if not dist.is_torchelastic_launched():
        yield torch.device(device)
        return
    own = torch.device(device)
    if own.type == "cuda":
        own = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(own)
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo")
    try:
        yield own
        dist.barrier()  # a process that leaves while another one still talks to it may be aborted by gloo
    except parallel.UnevenError as error:
        sys.exit(str(error))
    finally:
        dist.destroy_process_group()


@contextmanager
def one_before_the_others() -> Iterator[None]:
    """Let the first process of each machine run a block before the others: it downloads what they then find."""
    waits = parallel.processes() > 1
    first = not waits or os.environ["LOCAL_RANK"] == "0"
    if waits and not first:
        dist.barrier()
    yield
    if waits and first:
        dist.barrier()
