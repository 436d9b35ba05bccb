"""The network cache loads a network once, passes errors on, and keeps to its budget."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from torch import nn

from serving.local.networks import NetworkCache, size

CALLERS = 8
SIZE = size(nn.Linear(4, 4))  # bytes of one network


class Key:
    """A key that says when the cache found an equal one: whoever asked waits for that load from then on."""

    def __init__(self, is_known: threading.Event) -> None:
        self._is_known = is_known

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        self._is_known.set()
        return isinstance(other, Key)


class SlowLoad:
    """Loads a network once the test says so; counts its calls."""

    def __init__(self, result: Callable[[], nn.Linear]) -> None:
        self.calls = 0
        self.begun, self.may_end = threading.Event(), threading.Event()
        self._result = result

    def __call__(self) -> nn.Linear:
        self.calls += 1
        self.begun.set()
        assert self.may_end.wait(30)
        return self._result()


def network() -> nn.Linear:
    return nn.Linear(4, 4)


def failing() -> nn.Linear:
    raise OSError("the file is gone")


def unwanted() -> nn.Linear:
    raise AssertionError("a network that is in memory was loaded again")


def ask_all_at_once(cache: NetworkCache, load: SlowLoad) -> list[Future[nn.Linear]]:
    """Ask from several threads for one network; its load ends when all of them have asked, or wait for it."""
    entered = threading.Barrier(CALLERS + 1)

    def ask() -> nn.Linear:
        entered.wait(30)
        return cache.get("network", load)

    with ThreadPoolExecutor(CALLERS) as pool:
        futures = [pool.submit(ask) for _ in range(CALLERS)]
        entered.wait(30)
        assert load.begun.wait(30)
        load.may_end.set()
    return futures


def test_a_network_is_loaded_once_however_many_ask_for_it_at_once():
    load = SlowLoad(network)

    answers = ask_all_at_once(NetworkCache(10 * SIZE), load)

    assert load.calls == 1
    assert len({id(answer.result()) for answer in answers}) == 1


def test_an_error_reaches_everyone_who_waited_and_the_next_call_loads_again():
    cache, load = NetworkCache(10 * SIZE), SlowLoad(failing)
    waits = threading.Event()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, Key(waits), load)
        assert load.begun.wait(30)
        second = pool.submit(cache.get, Key(waits), load)
        assert waits.wait(30)
        load.may_end.set()
        errors = [answer.exception(timeout=30) for answer in (first, second)]

    assert load.calls == 1
    assert [str(error) for error in errors] == ["the file is gone"] * 2
    assert isinstance(cache.get(Key(waits), network), nn.Linear)


def test_the_least_recently_used_network_makes_room():
    cache = NetworkCache(2 * SIZE)
    old, used = cache.get("old", network), cache.get("used", network)
    cache.get("used", unwanted)

    cache.get("new", network)

    assert cache.get("used", unwanted) is used
    assert cache.get("old", network) is not old


def test_a_network_that_was_used_again_outlives_one_that_came_later():
    cache = NetworkCache(2 * SIZE)
    first = cache.get("first", network)
    cache.get("second", network)
    cache.get("first", unwanted)

    cache.get("third", network)

    assert cache.get("first", unwanted) is first


def test_a_network_that_is_in_use_still_works_when_it_is_dropped():
    cache = NetworkCache(SIZE)
    in_use = cache.get("in use", network)

    cache.get("other", network)

    assert in_use(in_use.weight).shape == (4, 4)


def test_a_network_larger_than_the_budget_is_kept_alone():
    cache = NetworkCache(SIZE)
    cache.get("small", network)

    large = cache.get("large", lambda: nn.Linear(64, 64))

    assert cache.get("large", unwanted) is large
    with pytest.raises(AssertionError, match="loaded again"):
        cache.get("small", unwanted)
