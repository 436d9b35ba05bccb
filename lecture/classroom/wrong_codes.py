"""How many wrong codes a network address may try; right ones do not count, so that a whole class may come at once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

ADDRESSES = 10_000  # that are remembered, the latest


class WrongCodes:
    """A bucket of wrong tries for each address: it begins full and fills again slowly. Safe to share between threads.

    An address whose bucket is empty is refused whatever it tries, or a guesser would see from the answer which code is
    right. Whoever is in already, or has the long address of the QR code, needs no code.
    """

    def __init__(
        self, *, burst: int = 60, seconds_each: float = 2.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start with full buckets.

        Args:
            burst: wrong tries at once.
            seconds_each: after which one more is allowed.
            clock: returns seconds.
        """
        self._burst, self._seconds_each, self._clock = burst, seconds_each, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address: tries left, at which time
        self._lock = threading.Lock()

    def exhausted(self, address: str) -> bool:
        """Return whether the address has tried too many wrong codes."""
        with self._lock:
            return self._now(address) < 1

    def count(self, address: str) -> None:
        """Count a wrong code."""
        with self._lock:
            self._left[address] = (self._now(address) - 1, self._clock())
            self._left.move_to_end(address)
            if len(self._left) > ADDRESSES:
                self._left.popitem(last=False)

    def _now(self, address: str) -> float:
        left, at = self._left.get(address, (float(self._burst), self._clock()))
        return min(float(self._burst), left + (self._clock() - at) / self._seconds_each)
