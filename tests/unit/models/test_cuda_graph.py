"""A recorded step is made once a call, whatever becomes of the recording."""

import logging
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from models import cuda_graph
from models.cuda_graph import Replayed


def test_on_a_cpu_a_step_is_made_as_it_is():
    steps: list[int] = []
    replayed = Replayed(lambda: steps.append(1), torch.device("cpu"))
    for _ in range(5):
        replayed()
    assert len(steps) == 5
    assert not replayed.recorded


class Refused:
    """`torch.cuda.graph` on a device that can't record."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> None:
        raise RuntimeError("operation not permitted when stream is capturing\nand much more")

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def without_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of `torch.cuda`, of which the recording fails."""
    stream = SimpleNamespace(wait_stream=lambda _: None)
    calls: dict[str, Any] = {
        "device": lambda _: nullcontext(),
        "stream": lambda _: nullcontext(),
        "current_stream": lambda: stream,
        "Stream": lambda: stream,
        "CUDAGraph": object,
        "graph": Refused,
    }
    for name, call in calls.items():
        monkeypatch.setattr(torch.cuda, name, call)
    monkeypatch.setattr(cuda_graph, "_warned", False)


@pytest.mark.usefixtures("without_recording")
def test_where_nothing_can_be_recorded_every_call_is_still_one_step_and_one_warning_says_so(
    caplog: pytest.LogCaptureFixture,
):
    steps: list[int] = []
    with caplog.at_level(logging.WARNING, logger=cuda_graph.__name__):
        for _ in range(2):
            replayed = Replayed(lambda: steps.append(1), torch.device("cuda"))
            for _ in range(cuda_graph.WARM_UP + 4):
                replayed()
            assert not replayed.recorded
    assert len(steps) == 2 * (cuda_graph.WARM_UP + 4)
    assert [record.getMessage() for record in caplog.records] == [
        "No CUDA graph could be recorded here, so steps take longer: operation not permitted when stream is capturing"
    ]
