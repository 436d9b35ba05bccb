"""The training process: it answers in turns, trains in between, and ends when nobody looks."""

import queue
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from PIL import Image

from serving.engine.live_training import LiveFrame, LiveRecipe
from serving.live.__main__ import serve
from serving.live.requests import SIDE, Act, Begin, Keep, Observe, Refused, Request

BEGIN = Begin(LiveRecipe("drawings"), tuple(Image.new("L", (SIDE, SIDE), 40 * i) for i in range(1, 6)), "cpu")


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    number = torch.get_num_threads()
    yield
    torch.set_num_threads(number)


def answers(*requests: Request | None, **limits: float) -> list[Any]:
    asked: queue.Queue[Request | None] = queue.Queue()
    for request in requests:
        asked.put(request)
    given: list[Any] = []
    serve(asked, given.append, **limits)
    return given


def test_each_request_has_an_answer_and_the_end_of_the_app_is_its_own():
    begun, frame, stopped, file = answers(BEGIN, Observe(), Act("stop"), Keep(), None)

    assert begun is None
    assert isinstance(frame, LiveFrame)
    assert (frame.step, frame.state, stopped.state, stopped.over) == (0, "training", "stopped", True)
    assert file[8:].lstrip().startswith(b"{")


def test_a_request_before_the_run_is_refused():
    (answer, *_) = answers(Observe(), None)

    assert isinstance(answer, Refused)


def test_a_run_that_nobody_looks_at_ends_by_itself():
    assert answers(BEGIN, lease=0.2) == [None]


def test_a_process_without_a_run_ends_by_itself():
    assert answers(spare=0.1) == []
