"""A TFLite file, which holds architecture and weights, run by LiteRT on the CPU: https://ai.google.dev/edge/litert."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsError

MARK = b"TFL3"  # bytes 4 to 8 of a file, the format's own


class Graph:
    """A graph, kept with its buffers, so that a call allocates nothing; several threads take turns.

    Args:
        path: a file whose digest was checked.
        threads: how many it computes with.

    Raises:
        WeightsError: the file is no graph, or LiteRT can't run it.
    """

    def __init__(self, path: Path, *, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter  # takes a tenth of a second, and few visitors need it

        check(path)
        try:
            self._interpreter = Interpreter(str(path), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise WeightsError(f"{path} can't be run: {error}") from error
        (self._input,) = (detail["index"] for detail in self._interpreter.get_input_details())
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._lock = threading.Lock()

    def __call__(self, levels: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return a copy of each output, in the file's order, for an input of the shape and type that the file names."""
        with self._lock:
            self._interpreter.set_tensor(self._input, levels)
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(output) for output in self._outputs]


def check(path: Path) -> None:
    """Make sure that a file is a TFLite graph by its own mark.

    Raises:
        WeightsError: it is not, or can't be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise WeightsError(f"{path} can't be read: {error.strerror}") from error
    if start[4:] != MARK:
        raise WeightsError(f"{path} is no TFLite file: its first bytes are {start!r}")
