"""A vote database that does not answer when the app starts: the app runs without votes until it does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, cast

from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store

PAUSE_S = 5.0  # between two attempts to open it
log = logging.getLogger("just_look.votes")


def open_or_wait(url: str | None = None) -> Store:
    """Open the database as `Store.open` does; if it does not answer, return a store that tries again at each use.

    Args:
        url: as for `Store.open`.
    """
    try:
        return Store.open(url)
    except StoreUnavailableError as error:
        log.error("The app starts without votes: %s", error)
        return cast(Store, WaitingStore(lambda: Store.open(url), error))


class WaitingStore:
    """Stands in for a store that could not be opened: each use tries to open it again, or raises the reason.

    Args:
        opening: opens the store.
        reason: why it could not be opened.
        clock: seconds.
    """

    def __init__(
        self,
        opening: Callable[[], Store],
        reason: StoreUnavailableError,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opening, self._reason, self._clock = opening, reason, clock
        self._tried = clock()
        self._store: Store | None = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened(), name)

    def _opened(self) -> Store:
        if self._store is not None:
            return self._store
        if not self._lock.acquire(blocking=False):  # somebody else is trying
            raise StoreUnavailableError(str(self._reason))
        try:
            if self._store is None:
                if self._clock() - self._tried < PAUSE_S:
                    raise StoreUnavailableError(str(self._reason))
                try:
                    self._store = self._opening()
                    log.warning("The vote database answers now.")
                except StoreUnavailableError as error:
                    self._reason = error
                    raise
                finally:
                    self._tried = self._clock()
            return self._store
        finally:
            self._lock.release()
