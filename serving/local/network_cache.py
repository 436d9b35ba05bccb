"""Networks kept in memory: each is loaded once however many ask, and the least recently used make room."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import TypeVar, cast

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


class NetworkCache:
    """A cache of modules under a memory budget.

    Args:
        budget: bytes of parameters and buffers to keep at most; the network in use stays even if it alone is larger.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._lock = threading.Lock()
        self._networks: OrderedDict[Hashable, Future[nn.Module]] = OrderedDict()  # least recently used first

    def get(self, key: Hashable, load: Callable[[], M]) -> M:
        """Return the network called `key`, loading it if it is not here; who asks meanwhile waits for that load.

        Raises:
            Exception: whatever `load` raises, to everybody who waited; the next to ask loads again.
        """
        with self._lock:
            future = self._networks.get(key)
            if mine := future is None:
                future = self._networks[key] = Future()
            self._networks.move_to_end(key)
        if mine:
            self._load(key, load, future)
        return cast("M", future.result())

    @property
    def keys(self) -> list[Hashable]:
        """The keys in the cache, the least recently used first."""
        with self._lock:
            return list(self._networks)

    def _load(self, key: Hashable, load: Callable[[], M], future: Future[nn.Module]) -> None:
        try:
            with torch.inference_mode(False):  # whoever asks first, others may need gradients through it
                network = load()
        except BaseException as error:
            with self._lock:
                del self._networks[key]
            future.set_exception(error)
            return
        future.set_result(network)
        with self._lock:
            self._make_room(key)

    def _make_room(self, kept: Hashable) -> None:
        loaded = {key: size(future.result()) for key, future in self._networks.items() if future.done()}
        for key, used in list(loaded.items()):
            if sum(loaded.values()) <= self.budget:
                return
            if key != kept:
                del self._networks[key]
                loaded[key] -= used


def size(network: nn.Module) -> int:
    """Bytes of a module's parameters and buffers."""
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
