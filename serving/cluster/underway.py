"""What a replica's threads work at, and since when: work that never ends is a device that hangs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from time import monotonic

STUCK_S = 900.0  # the longest single step, a search in a whole data set on one core, takes two minutes


class StuckError(RuntimeError):
    """A piece of work does not come to its end; the cluster then starts another replica."""


class Underway:
    """Keeps the start of each piece of work that a thread does.

    Args:
        patience: seconds that a piece may take.
    """

    def __init__(self, patience: float = STUCK_S) -> None:
        self._patience = patience
        self._since: dict[int, float] = {}

    @contextlib.contextmanager
    def piece(self) -> Iterator[None]:
        """Do a piece of work in this thread."""
        self._since[threading.get_ident()] = monotonic()
        try:
            yield
        finally:
            del self._since[threading.get_ident()]

    def check(self) -> None:
        """Look at all pieces.

        Raises:
            StuckError: one has taken longer than it may.
        """
        longest = monotonic() - min(list(self._since.values()), default=monotonic())
        if longest > self._patience:
            raise StuckError(f"a piece of work has not ended for {longest:.0f} s")
