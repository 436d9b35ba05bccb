"""A step that always does the same to the same tensors, as one CUDA graph: recorded once, then launched as a whole.

A step of painting or of training is hundreds of small kernels, and a GPU waits longer for each launch than it computes.
What is recorded must not read a number back to the host, nor copy one from it, and its tensors must keep their
addresses: see https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

import torch

WARM_UP = 3  # steps before the recording: libraries choose their kernels, and optimisers make their state
AHEAD = 8  # replays after which the host waits for the device, so that a stop or a frame comes soon

_log = logging.getLogger(__name__)
_warned = False


class Replayed:
    """A step that is recorded and replayed on CUDA, and called as it is on other devices.

    Each call is one step: the first ones run as they are. If the recording fails, a warning says so, once in a
    process, and all further steps run as they are.

    Args:
        step: changes tensors in place; it takes and returns nothing.
        device: on which these tensors lie.
    """

    def __init__(self, step: Callable[[], None], device: torch.device) -> None:
        self._step, self._device = step, device
        self._graph: torch.cuda.CUDAGraph | None = None
        self._plain = device.type != "cuda"
        self._steps = 0  # so far, the one that is being made among them
        self._marks: deque[torch.cuda.Event] = deque()  # events in the device's queue, oldest first

    @property
    def recorded(self) -> bool:
        """Whether there is a graph."""
        return self._graph is not None

    def __call__(self) -> None:
        """Make one step."""
        if self._plain:
            self._step()
            return
        with torch.cuda.device(self._device):
            self._steps += 1
            if self._graph is None and self._steps <= WARM_UP:
                self._beside()
                return
            if self._graph is None:
                self._graph = self._recorded()
            if self._graph is None:
                self._plain = True
                self._step()
                return
            self._graph.replay()
            self._wait()

    def _beside(self) -> None:
        """One step on another stream, where a recording will also take place."""
        here, beside = torch.cuda.current_stream(), torch.cuda.Stream()
        beside.wait_stream(here)
        with torch.cuda.stream(beside):
            self._step()
        here.wait_stream(beside)

    def _recorded(self) -> torch.cuda.CUDAGraph | None:
        graph = torch.cuda.CUDAGraph()
        try:
            # other threads go on using the device: only what this one does is held against the recording
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self._step()
        except RuntimeError as error:
            _warn(error)
            return None
        return graph

    def _wait(self) -> None:
        """Every few replays, wait until the device has done the few before; it always has some left to do."""
        if self._steps % AHEAD == 0:
            mark = torch.cuda.Event()
            mark.record()
            self._marks.append(mark)
            if len(self._marks) > 1:
                self._marks.popleft().synchronize()


def _warn(error: RuntimeError) -> None:
    global _warned
    if not _warned:
        reason = str(error).partition("\n")[0]
        _log.warning("No CUDA graph could be recorded here, so steps take longer: %s", reason)
    _warned = True
