"""How long a step of painting takes on this machine, which the page says before a painting begins."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Pace:
    """Seconds of a step for each pixel: measured once, then what the newest painting took. Safe between threads.

    Args:
        measure: measures it; called at the first request, by one thread while others wait, because two measurements at
            a time would slow each other down.
    """

    def __init__(self, measure: Callable[[], float]) -> None:
        self._measure = measure
        self._lock = Lock()
        self._seconds: float | None = None

    def seconds(self) -> float:
        """Return the newest value."""
        with self._lock:
            if self._seconds is None:
                self._seconds = self._measure()
            return self._seconds

    def learn(self, seconds: float) -> None:
        """Take what a painting needed for each step and pixel."""
        with self._lock:
            self._seconds = seconds
