"""Each network is loaded once however many ask, and the least recently used make room."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from serving.shelf import Shelf, size

ONE = 4 * (10 * 10 + 10)  # bytes of a Linear(10, 10)


def network() -> nn.Linear:
    return nn.Linear(10, 10)


def test_a_network_has_the_size_of_its_tensors():
    assert size(network()) == ONE


def test_many_who_ask_at_once_get_one_copy():
    shelf, loads, everybody = Shelf(10 * ONE), [], threading.Barrier(8)

    def load() -> nn.Linear:
        loads.append(1)
        return network()

    def ask(_: int) -> nn.Linear:
        everybody.wait(timeout=10)
        return shelf.get("a", load)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert len(loads) == 1
    assert {id(one) for one in found} == {id(found[0])}


def test_who_asks_during_a_load_waits_for_it():
    shelf, started, go_on = Shelf(10 * ONE), threading.Event(), threading.Event()

    def slow() -> nn.Linear:
        started.set()
        assert go_on.wait(timeout=10)
        return network()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shelf.get, "a", slow)
        assert started.wait(timeout=10)
        second = pool.submit(shelf.get, "a", network)
        shelf.get("b", network)  # another network does not wait
        assert not second.done()
        go_on.set()
        assert first.result(timeout=10) is second.result(timeout=10)


def test_the_least_recently_used_makes_room():
    shelf = Shelf(2 * ONE)
    a = shelf.get("a", network)
    shelf.get("b", network)
    assert shelf.get("a", network) is a
    shelf.get("c", network)
    assert shelf.keys == ["a", "c"]
    assert shelf.get("a", network) is a


def test_a_network_larger_than_the_budget_still_works_alone():
    shelf = Shelf(ONE // 2)
    shelf.get("a", network)
    shelf.get("b", network)
    assert shelf.keys == ["b"]


def test_a_failed_load_is_told_and_tried_again():
    shelf = Shelf(ONE)

    def fail() -> nn.Linear:
        raise RuntimeError("no such file")

    with pytest.raises(RuntimeError, match="no such file"):
        shelf.get("a", fail)
    assert shelf.keys == []
    assert isinstance(shelf.get("a", network), nn.Linear)


def test_a_network_that_was_first_asked_for_in_inference_still_passes_gradients_on():
    shelf = Shelf(10 * ONE)
    with torch.inference_mode():
        shelf.get("a", network)
    pixels = torch.zeros(1, 10, requires_grad=True)

    shelf.get("a", network)(pixels).sum().backward()

    assert pixels.grad is not None
