"""The error of a request that an engine can't answer, and how an engine makes one of a library's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class EngineError(ValueError):
    """A request that can't be answered; the message says why and what to do, in one sentence for the page."""


class UnavailableError(EngineError):
    """A request that the machine can't answer at the moment; the values are fine, and a later try may succeed."""

    http_status = 503


@contextmanager
def raised_as_engine_error(*kinds: type[Exception], opening: str = "") -> Iterator[None]:
    """Raise errors of some kinds as an `EngineError` that starts with a capital letter and ends with a full stop.

    What can't be had at the moment (`http_status` 503) becomes an `UnavailableError`.

    Args:
        kinds: what to catch; an `EngineError` passes as it is.
        opening: words before the message.
    """
    try:
        yield
    except EngineError:
        raise
    except kinds as error:
        sentence = f"{opening}{error}".rstrip(".")
        raised = UnavailableError if getattr(error, "http_status", 400) == 503 else EngineError
        raise raised(f"{sentence[:1].upper()}{sentence[1:]}.") from error
