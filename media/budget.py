"""Memory for decoding pictures, shared by all that are decoded at the same time: large ones wait for each other."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MB = 2**20
BYTES = int(os.environ.get("JUST_LOOK_PICTURES_MB", "768")) * MB
PATIENCE_S = 60.0


class BudgetError(RuntimeError):
    """The memory stayed taken for too long."""


class Budget:
    """A number of bytes of which each holder takes a part; safe for threads.

    Args:
        most: bytes of all holders together.
        patience_s: how long to wait for room.
    """

    def __init__(self, most: int = BYTES, *, patience_s: float = PATIENCE_S) -> None:
        self._most, self._patience_s = most, patience_s
        self._taken = 0
        self._freed = threading.Condition()

    @contextmanager
    def holding(self, amount: int) -> Iterator[None]:
        """Hold bytes while the block runs; what needs more than there is has to be alone.

        Args:
            amount: bytes.

        Raises:
            BudgetError: others hold them for too long.
        """
        amount = min(amount, self._most)
        with self._freed:
            if not self._freed.wait_for(lambda: self._taken + amount <= self._most, self._patience_s):
                raise BudgetError
            self._taken += amount
        try:
            yield
        finally:
            with self._freed:
                self._taken -= amount
                self._freed.notify_all()
