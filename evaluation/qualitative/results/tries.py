"""A limit on wrong owner's tokens from a network address, and the log of what owners do."""

from __future__ import annotations

import logging
import threading
from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from evaluation.qualitative.study.arms import StudyError
from evaluation.qualitative.wording import counted
from serving.web import visitor

log = logging.getLogger("just_look.owner")

PER_MINUTES, MOST = 10, 20  # wrong tokens from an address in so many minutes


class TooManyTriesError(StudyError):
    """Too many wrong tokens came from the visitor's address."""

    http_status = 429


class Tries:
    """Counts wrong tokens by address, in memory; calls outside a request are not limited."""

    def __init__(self, *, most: int = MOST, minutes: int = PER_MINUTES) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limit = RateLimitItemPerMinute(most, minutes)
        self._lock = threading.Lock()

    def check(self) -> None:
        """Refuse an address that has no tries left.

        Raises:
            TooManyTriesError: it has none left; the message says when it may try again.
        """
        address = visitor.address()
        if address and not self._limiter.test(self._limit, address):
            window = self._limiter.get_window_stats(self._limit, address)
            minutes = counted(max(1, ceil((window.reset_time - time()) / 60)), "minute")
            raise TooManyTriesError(f"Too many wrong owner's tokens came from your network: try again in {minutes}.")

    def wrong(self) -> None:
        """Count a wrong token, and log the visitor, never the token."""
        address = visitor.address()
        if not address:
            return
        with self._lock:
            self._limiter.hit(self._limit, address)
        log.warning("refused: a wrong owner's token from visitor %s", visitor.hashed(address))


def did(action: str, study: str, *, name: str | None) -> None:
    """Log what an owner did.

    Args:
        action: closed, uploaded and so on.
        study: its name.
        name: the owner's name on Hugging Face; None for the token.
    """
    who = f"{name!r:.100}" if name else "the owner's token"
    origin = f"visitor {visitor.hashed(address)}" if (address := visitor.address()) else "this process"
    log.warning("%s: study %r by %s from %s", action, f"{study:.80}", who, origin)
