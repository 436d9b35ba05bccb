"""Network addresses as daily salted hashes, and the number of ballots and visits for each."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock

from cachetools import LRUCache

from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.store.flags import LIMITS, Limits

MOST_ADDRESSES = 100_000  # that are counted at a time; the one that came longest ago is forgotten
BALLOTS = "Very many pairs went to your network's address today: come back tomorrow."
VISITS = "Very many visits to studies came from your network's address today: come back tomorrow."


class TooManyBallotsError(VoteError):
    """The rater or the address is over its daily limit."""


class Addresses:
    """Network addresses as hashes, and the number of ballots and of stored visits for each today.

    The salt is random, changes each day (UTC) and exists only in this process's memory. So nobody who has the database
    and this code can find an address by trying all of them, or connect the hashes of two days. Each process counts for
    itself and a restart begins at 0: the limit slows abuse down, it does not stop it. `proxies` sets which proxies may
    name the address.
    """

    def __init__(
        self, *, limits: Limits = LIMITS, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        """Start without a salt.

        Args:
            limits: holds the numbers for an address in a day.
            today: returns the date in UTC.
        """
        self._limits = limits
        self._today = today
        self._day: date | None = None
        self._salt = b""
        self._counts: dict[str, LRUCache[str, int]] = {}
        self._lock = Lock()

    def hashed(self, address: str | None) -> str | None:
        """Return today's hash of an address, 32 characters; None without an address."""
        if not address:
            return None
        with self._lock:
            self._renew()
            return hmac.new(self._salt, address.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]

    def count(self, hashed: str | None) -> None:
        """Count a ballot for an address.

        Raises:
            TooManyBallotsError: the address is over its daily limit.
        """
        self._count(hashed, self._limits.ballots_per_address, BALLOTS)

    def count_visit(self, hashed: str | None) -> None:
        """Count that somebody opened a link for the first time, which the database stores.

        Raises:
            TooManyBallotsError: the address is over its daily limit.
        """
        self._count(hashed, self._limits.visits_per_address, VISITS)

    def _count(self, hashed: str | None, most: int, sentence: str) -> None:
        if hashed is None:
            return
        with self._lock:
            self._renew()
            counts = self._counts.setdefault(sentence, LRUCache(MOST_ADDRESSES))
            if counts.get(hashed, 0) >= most:
                raise TooManyBallotsError(sentence)
            counts[hashed] = counts.get(hashed, 0) + 1

    def _renew(self) -> None:
        if self._day != (today := self._today()):
            self._day, self._salt, self._counts = today, secrets.token_bytes(32), {}
