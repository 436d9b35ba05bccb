"""The states that paintings go on from, kept by handle; the least recently used make room."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

from cachetools import LRUCache
from torch import Tensor

from models.style.frames import State
from serving.engine.errors import EngineError

ROOM = 512 * 2**20  # bytes; a state at 384 px takes 6 MB with Adam, 60 MB with L-BFGS
MOST = 64  # states
GONE = "This painting is not kept any more, so it can't go on. Start a new one."


class PaintingStates:
    """A cache of states, bounded in bytes and in number. A state larger than all the room is kept alone.

    Args:
        room: bytes to keep at most.
        most: states to keep at most.
    """

    def __init__(self, *, room: int = ROOM, most: int = MOST) -> None:
        self._lock = threading.Lock()
        # each counts as at least its share of the room, which bounds their number
        self._states: LRUCache[str, State] = LRUCache(
            room, getsizeof=lambda state: min(room, max(size(state), room / most))
        )

    def keep(self, handle: str, state: State) -> None:
        """Keep a state under one of the `handles`."""
        with self._lock:
            self._states[handle] = state

    def get(self, handle: str) -> State:
        """Return the state of a handle.

        Raises:
            EngineError: the handle is unknown, or its state had to make room.
        """
        with self._lock:
            state = self._states.get(handle)
        if state is None:
            raise EngineError(GONE)
        return state

    def drop(self, handle: str) -> None:
        """Forget a state, if it is still kept."""
        with self._lock:
            self._states.pop(handle, None)


def handles() -> Iterator[str]:
    """The handles of one painting's states, one after the other, which nobody can guess."""
    painting = secrets.token_urlsafe(24)
    return (f"{painting}.{number}" for number in count())


def before(handle: str) -> str:
    """The handle of the state before; one that nothing is kept under, where there is none."""
    painting, _, number = handle.rpartition(".")
    return f"{painting}.{int(number) - 1}" if number.isdecimal() else ""


def size(value: Any) -> int:
    """Bytes of the tensors in a state, or in what it is made of."""
    if isinstance(value, Tensor):
        return value.nbytes
    if isinstance(value, State):
        return size(value.picture) + size(value.descent)
    if isinstance(value, dict):
        return sum(size(inner) for inner in value.values())
    return sum(size(inner) for inner in value) if isinstance(value, list | tuple) else 0
