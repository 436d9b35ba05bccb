"""A vote database that does not answer when the app starts: the app runs without votes until it does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any, cast

from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.journal import Journal
from evaluation.qualitative.store.store import Listener, Store, journal_of

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
        path = journal_of(url)
        journal = None if path is None else Journal(path=path)
        return cast(Store, WaitingStore(lambda: Store.open(url), error, journal=journal))


class WaitingStore:
    """Stands in for a store that could not be opened: each use tries to open it again, or raises the reason.

    Args:
        opening: opens the store.
        reason: why it could not be opened.
        journal: the one that the store will write; nothing of it is touched before.
        clock: seconds.
    """

    def __init__(
        self,
        opening: Callable[[], Store],
        reason: StoreUnavailableError,
        *,
        journal: Journal | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._opening, self._reason, self._clock = opening, reason, clock
        self.journal = journal
        self._tried = clock()
        self._store: Store | None = None
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._subscribing = threading.Lock()

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of each vote and each withdrawal, from the time on when the database answers."""
        with self._subscribing:
            self._listeners.append(listener)
            if self._store is not None:
                self._store.subscribe(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """Tell a listener nothing more."""
        with self._subscribing:
            self._listeners = [other for other in self._listeners if other is not listener]
            if self._store is not None:
                self._store.unsubscribe(listener)

    def close(self) -> None:
        """Close the connections, if there are any."""
        if self._store is not None:
            self._store.close()

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
                    store = self._opening()
                    with self._subscribing:
                        for listener in self._listeners:
                            store.subscribe(listener)
                        self._store = store
                    log.warning("The vote database answers now.")
                except StoreUnavailableError as error:
                    self._reason = error
                    raise
                finally:
                    self._tried = self._clock()
            return self._store
        finally:
            self._lock.release()
