"""Answers failed calls with a sentence: 4xx where the values of the visitor are wrong, 503 where the server fails.

Gradio alone answers 500 to every failure and prints a traceback with the visitor's values in it.
"""

from __future__ import annotations

import errno
import logging
import traceback
from collections.abc import Awaitable, Callable
from functools import wraps
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from demos.edge import uploads
from models.errors import WeightsError
from serving.engine.watched import MEMORY, WEIGHTS, out_of_memory
from serving.web import bodies, outcome, replies, visitor
from serving.web.logs import requests as request_log

log = logging.getLogger("just_look.calls")

ROOT = str(Path(__file__).parents[2])
MISFIT = "These values do not fit this action. Reload the page and try again; the API's list says what it takes."
GONE = "The file is not on the server any more: files of visitors are kept for an hour. Choose it again."
NO_CALL = "This is no call: a call is a JSON object with a list of values named data."
NO_ACTION = "There is no such action: see the API's list."
DISK = "The server could not write a file: its disk is full or read-only. Try again later."
OURS = "Something went wrong on the server. Try again; if it stays, tell the people who run this app."
RUBBISH = (TypeError, ValueError, LookupError, AttributeError, AssertionError, ArithmeticError, RecursionError)
DISKS = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.EIO,
}


class Failure(NamedTuple):
    """What a failed call answers."""

    status: int
    sentence: str


def failure(error: Exception) -> Failure:
    """Choose the status and the sentence for an error that a function of the app raised."""
    if isinstance(error, gr.Error):
        return Failure(getattr(error.__cause__, "http_status", 400), str(error.message))
    if isinstance(error, WeightsError):
        return Failure(503, WEIGHTS)
    if status := getattr(error, "http_status", None):  # the app's own, which nobody has made a `gr.Error` of
        return Failure(status, escape(str(error), quote=False))
    if isinstance(error, FileNotFoundError):
        return Failure(400, GONE)
    if isinstance(error, OSError) and error.errno in DISKS:
        return Failure(503, DISK)
    if out_of_memory(error):
        return Failure(503, MEMORY)
    if isinstance(error, RUBBISH):
        return Failure(400, MISFIT)
    return Failure(500, OURS)


def guarded(process_api: Callable[..., Awaitable[dict[str, Any]]]) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Gradio's call of a function, with the visitor's address known and failures answered in a sentence.

    Args:
        process_api: `gr.Blocks.process_api`.
    """

    @wraps(process_api)
    async def guarded_process_api(*args: Any, **named: Any) -> dict[str, Any]:
        request = named.get("request")
        first = request[0] if isinstance(request, list) else request
        scope = getattr(getattr(first, "request", None), "scope", {})
        with visitor.answering(visitor.of(scope)), request_log.about(scope):
            try:
                uploads.keep(named.get("inputs"))
                output = await process_api(*args, **named)
            except gr.Error as error:
                outcome.fails_with(scope, failure(error).status)
                error.print_exception = False  # Gradio's own errors of bad values would fill the log with tracebacks
                raise
            except Exception as error:
                status, sentence = failure(error)
                outcome.fails_with(scope, status)
                _note(error, status)
                raise gr.Error(sentence, print_exception=False, duration=10) from None
        return output

    return guarded_process_api


def handlers() -> dict[Any, Any]:
    """FastAPI's handlers for what fails before a function is called."""
    return {
        FnIndexInferError: _no_action,
        RequestValidationError: _no_call,
        ClientDisconnect: _left,
        **dict.fromkeys(RUBBISH, _misfit),
        **dict.fromkeys((OSError, MemoryError), _failed),
    }


async def _no_action(_: Request, __: Exception) -> Response:
    return replies.refusal(404, NO_ACTION)


async def _no_call(_: Request, __: Exception) -> Response:
    return replies.refusal(422, NO_CALL)


async def _left(_: Request, __: Exception) -> Response:
    """Nobody reads this answer: the visitor has left while a file was on its way."""
    return replies.refusal(400, bodies.SLOW)


async def _misfit(_: Request, error: Exception) -> Response:
    _note(error, 400)
    return replies.refusal(400, MISFIT)


async def _failed(_: Request, error: Exception) -> Response:
    status, sentence = failure(error)
    _note(error, status)
    return replies.refusal(status, sentence)


def _note(error: Exception, status: int) -> None:
    """Log a failure: a mistake of ours with its traceback, everything else in one line, without a visitor's values."""
    frames = traceback.extract_tb(error.__traceback__)
    own = next((frame for frame in reversed(frames) if frame.filename.startswith(ROOT)), frames[-1])
    place = f"{type(error).__name__} in {Path(own.filename).name}:{own.lineno} {own.name}"
    if status < 500:
        request_log.refused(place)
    elif status == 503:  # the disk, the memory, a file: the error says more than where it was met
        log.error("failed with 503: %s: %s", place, error)
    else:
        log.error("failed with %s", status, exc_info=error)
