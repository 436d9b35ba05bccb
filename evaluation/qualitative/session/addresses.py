"""Network addresses as daily salted hashes, and how many ballots went to each."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock

from evaluation.qualitative.ballot import VoteError
from evaluation.qualitative.store.flags import LIMITS, Limits


class TooManyBallotsError(VoteError):
    """The rater, or the address, asked for more than the limit."""


class Addresses:
    """Network addresses as hashes, and how many ballots went to each today.

    The salt is drawn anew each day (UTC), lives in this process's memory only and is forgotten, so that nobody, not
    even with the database and this code, finds an address by trying all; and an address of yesterday looks like any
    other today. Several processes, or a restart, count apart: the limit is against haste, not a wall. An address in a
    header can be invented: it is a hint.
    """

    def __init__(
        self, *, limits: Limits = LIMITS, today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        """Start without a salt.

        Args:
            limits: how many ballots an address gets a day.
            today: the date in UTC.
        """
        self._limits = limits
        self._today = today
        self._day: date | None = None
        self._salt = b""
        self._ballots: Counter[str] = Counter()
        self._lock = Lock()

    def hashed(self, address: str | None) -> str | None:
        """Return today's hash of an address, 32 characters; None for none."""
        if not address:
            return None
        with self._lock:
            self._renew()
            return hmac.new(self._salt, address.encode(errors="replace"), hashlib.sha256).hexdigest()[:32]

    def count(self, hashed: str | None) -> None:
        """Count a ballot for an address.

        Raises:
            TooManyBallotsError: it had all of today's already.
        """
        if hashed is None:
            return
        with self._lock:
            self._renew()
            if self._ballots[hashed] >= self._limits.ballots_per_address:
                raise TooManyBallotsError(
                    "There were very many pairs for your network's address today: come back tomorrow."
                )
            self._ballots[hashed] += 1

    def _renew(self) -> None:
        if self._day != (today := self._today()):
            self._day, self._salt, self._ballots = today, secrets.token_bytes(32), Counter()
