"""How the process writes its log: readable lines, or one JSON object a line (`JUST_LOOK_LOG=json`).

Neither holds a control character that came from outside; `visitor.hashed` stands for a network address.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
import time
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from serving.web.logs import requests as request_log

SETTING = "JUST_LOOK_LOG"
SERVERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")  # have handlers of their own
CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
LAYOUT = {9: "\t", 10: "\n"}  # of a traceback

log = logging.getLogger("just_look")


class JsonLines(JsonFormatter):
    """One JSON object a line; everything beyond ASCII is escaped."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            json_ensure_ascii=True,
        )

    def format(self, record: logging.LogRecord) -> str:
        """Write a record; DEL is the one control character that JSON leaves as it is."""
        return super().format(record).replace("\x7f", "\\u007f")


class ReadableLines(logging.Formatter):
    """`time level logger: message`, and a traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s", "%Y-%m-%d %H:%M:%S")
        self.converter = time.gmtime

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Write the line, without a traceback."""
        return super().formatMessage(record).translate(CONTROLS)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        """Write a traceback, which has several lines."""
        return super().formatException(ei).translate(CONTROLS | LAYOUT)


class Printed(io.TextIOBase):
    """Stands in for a standard stream: what a library prints becomes lines of the log.

    Args:
        name: of the stream.
    """

    def __init__(self, name: str) -> None:
        self._log = log.getChild(name)
        self._begun = ""

    def write(self, text: str) -> int:
        """Log each line that is complete."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in filter(str.strip, lines):
            self._log.info("%s", line)
        return len(text)


def configure() -> None:
    """Write the log of this process to its standard error, as `JUST_LOOK_LOG` says: `text` (the default) or `json`.

    As text there is no line for a request that was answered.

    Raises:
        ValueError: the setting names another form.
    """
    form = os.environ.get(SETTING, "").strip() or "text"
    if form not in ("text", "json"):
        raise ValueError(f"{SETTING}: {form!r} is neither text nor json.")
    handler = logging.StreamHandler(sys.__stderr__)
    handler.setFormatter(JsonLines() if form == "json" else ReadableLines())
    handler.addFilter(_with_request)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    log.setLevel(logging.INFO)
    request_log.log.setLevel(logging.INFO if form == "json" else logging.WARNING)
    logging.captureWarnings(True)
    if form == "json":
        sys.stdout, sys.stderr = Printed("stdout"), Printed("stderr")
    sys.excepthook = _ended
    threading.excepthook = lambda thread: _ended(thread.exc_type, thread.exc_value, thread.exc_traceback)


def as_json() -> bool:
    """Whether the log is JSON, so that nothing else may be written between its lines."""
    return os.environ.get(SETTING, "").strip() == "json"


def take_over() -> None:
    """Write the web server's lines like all others; it has made handlers of its own by the time that it starts."""
    for name in SERVERS:
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = True


def _with_request(record: logging.LogRecord) -> bool:
    if number := request_log.number():
        record.request_id = number
    return True


def _ended(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt | SystemExit):
        log.critical("not caught: %s", kind.__name__, exc_info=(kind, error or kind(), trace))
