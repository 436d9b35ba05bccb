"""The error of a request that an engine can't answer, and how an engine makes one of a library's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class EngineError(ValueError):
    """A request that can't be answered; the message says why and what to do, in one sentence for the page."""


@contextmanager
def raised_as_engine_error(*kinds: type[Exception], opening: str = "") -> Iterator[None]:
    """Raise errors of some kinds as an `EngineError` that starts with a capital letter and ends with a full stop.

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
        raise EngineError(f"{sentence[:1].upper()}{sentence[1:]}.") from error
