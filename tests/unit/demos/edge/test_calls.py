import asyncio
import errno
import logging
from typing import Any

import fastapi
import gradio as gr
import pytest

from demos.edge import calls
from demos.edge.calls import failure, guarded
from demos.parts.apart import BusyError
from evaluation.qualitative.results.tries import TooManyTriesError
from evaluation.qualitative.store.database import StoreUnavailableError
from models.errors import WeightsError
from serving.engine.errors import UnavailableError
from serving.engine.watched import MEMORY, WEIGHTS
from serving.web import outcome, visitor


def refused(cause: Exception) -> gr.Error:
    error = gr.Error("The sentence.", print_exception=False)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (TypeError("'NoneType' object is not subscriptable"), 400, calls.MISFIT),
        (ValueError("what a visitor wrote"), 400, calls.MISFIT),
        (KeyError("x"), 400, calls.MISFIT),
        (ValueError("a visitor wrote: out of memory"), 400, calls.MISFIT),
        (FileNotFoundError(errno.ENOENT, "gone"), 400, calls.GONE),
        (refused(ValueError("x")), 400, "The sentence."),
        (refused(StoreUnavailableError("x")), 503, "The sentence."),
        (refused(BusyError("x")), 503, "The sentence."),
        (refused(TooManyTriesError("x")), 429, "The sentence."),
        (OSError(errno.ENOSPC, "No space left on device"), 503, calls.DISK),
        (OSError(errno.EROFS, "Read-only file system"), 503, calls.DISK),
        (MemoryError(), 503, MEMORY),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), 503, MEMORY),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 GB"), 503, MEMORY),
        (OSError(errno.EFBIG, "File too large"), 503, calls.DISK),
        (UnavailableError("It has <not> answered."), 503, "It has &lt;not&gt; answered."),
        (StoreUnavailableError("It does not answer."), 503, "It does not answer."),
        (WeightsError("model.safetensors is damaged"), 503, WEIGHTS),
        (RuntimeError("a mistake of ours"), 500, calls.OURS),
    ],
)
def test_a_failure_is_the_visitors_or_ours(error: Exception, status: int, sentence: str):
    assert failure(error) == (status, sentence)


def called(error: Exception) -> tuple[gr.Error, dict[str, Any]]:
    scope: dict[str, Any] = {"type": "http", "client": ("203.0.113.7", 1), "headers": [], outcome.KEY: [0]}
    addresses = []

    async def process_api(**_: Any) -> dict[str, Any]:
        addresses.append(visitor.address())
        raise error

    request = gr.Request(request=fastapi.Request(scope))
    with pytest.raises(gr.Error) as raised:
        asyncio.run(guarded(process_api)(request=request, inputs=[]))
    assert addresses == ["203.0.113.7"]
    return raised.value, scope


def test_rubbish_leaves_one_line_without_the_visitors_words(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        answer, scope = called(ValueError("hunter2\0"))
    assert answer.message == calls.MISFIT
    assert not answer.print_exception
    assert scope[outcome.KEY] == [400]
    assert "hunter2" not in caplog.text
    assert "ValueError in test_calls.py" in caplog.text


def test_a_mistake_of_ours_is_logged_with_its_traceback(caplog: pytest.LogCaptureFixture):
    answer, scope = called(RuntimeError("a mistake of ours"))
    assert answer.message == calls.OURS
    assert scope[outcome.KEY] == [500]
    assert "a mistake of ours" in caplog.text
    assert "Traceback" in caplog.text
