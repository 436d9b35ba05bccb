"""Files that a process beside the app writes, and that any number of visitors read while they grow.

The same file is made once, however many want it. A visitor with a slow connection holds nothing but a place in it, and
where the last one leaves before its end, it is given up. Those that are finished stay for a while, up to a size.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from demos.just_look import numbers_html, results_html
from demos.parts.apart import BusyError
from evaluation.qualitative.results.export import MEDIA_TYPES
from evaluation.qualitative.study.arms import StudyError

PIECE = 256 * 2**10  # bytes that are read and sent at a time
GRACE_S = 60.0  # in which somebody has to come for a file that was ordered
KEPT_S = 600.0  # for which a finished file stays after somebody began to read it
KEPT_BYTES = 256 * 2**20
MOST_KEPT = 32  # files
MOST_WAITING = 32  # files that are being made or wait for it
LOOK_S = 0.05  # between two looks whether a file has grown

COMPUTED = {
    "answers": "text/csv",
    "seeds": "text/csv",
    "numbers": "text/csv",
    "numbers-json": "application/json",
    "study": "application/toml",
    "methods": "text/plain",
    "release": "application/zip",
}
FIGURE = "image/svg+xml"
_ENDINGS = {
    "text/csv": "csv",
    "text/plain": "txt",
    "application/json": "json",
    "application/jsonl": "jsonl",
    "application/toml": "toml",
    "application/zip": "zip",
    "application/vnd.apache.parquet": "parquet",
    FIGURE: "svg",
}
_FIGURE_NAME = re.compile(r"figure:[a-z0-9-]{1,60}")

Write = Callable[[str, Callable[[], bool]], None]  # to a path, while somebody wants it


def named(study: str, kind: str) -> tuple[str, str]:
    """Return the name of a file of a study, and its media type.

    Raises:
        StudyError: there is no such file.
    """
    media = {**MEDIA_TYPES, **COMPUTED}.get(kind)
    if media is None and _FIGURE_NAME.fullmatch(kind):
        media = FIGURE
    if media is None:
        raise no_such_file(kind)
    part = "" if kind in ("csv", "jsonl", "parquet", "study") else f"-{kind.removeprefix('figure:')}"
    return f"{study}{part.removesuffix('-json')}.{_ENDINGS[media]}", media


def no_such_file(kind: str) -> StudyError:
    """The error that names the files that there are."""
    figures = ("figure:intervals", "figure:win-rates", "figure:response-times")
    known = ", ".join([*results_html.FILES, *numbers_html.FILES, "answers", *figures])
    return StudyError(f"{kind!r:.40} can't be exported; there are: {known}")


class GrowingFile:
    """A file that is being written. Safe to share between threads.

    Attributes:
        path: its name, until somebody has opened it to write.
        state: what it is made from; None while it waits to be made.
        made: done when the file is finished, or can't be made.
    """

    def __init__(self) -> None:
        """Make an empty file.

        Raises:
            OSError: the disk is full or can't be written.
        """
        handle, self.path = tempfile.mkstemp(prefix="just-look-export-")
        self._file = os.fdopen(handle, "rb")
        self._readers = 0
        self._expected: list[float] = []  # until when somebody is waited for who has ordered the file
        self._used = time.monotonic()
        self._given_up = False
        self._lock = threading.Lock()
        self.state: Hashable = None
        self.made: Future[None] = Future()

    @property
    def size(self) -> int:
        """Bytes so far."""
        return os.fstat(self._file.fileno()).st_size

    @property
    def idle_s(self) -> float:
        """Seconds since somebody came for it; 0 while somebody reads it."""
        with self._lock:
            return 0.0 if self._readers else time.monotonic() - self._used

    def wanted(self) -> bool:
        """Whether somebody reads the file or may still come for it; once nobody does, it is given up."""
        with self._lock:
            self._give_up_unless_wanted()
            return not self._given_up

    def order(self) -> bool:
        """Wait `GRACE_S` for somebody who will read the file; False if it was given up or failed."""
        with self._lock:
            if not self._available():
                return False
            self._used = time.monotonic()
            self._expected.append(self._used + GRACE_S)
            return True

    def available(self) -> bool:
        """Whether it was neither given up nor failed."""
        with self._lock:
            return self._available()

    def _available(self) -> bool:
        return not self._given_up and not (self.made.done() and self.made.exception() is not None)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Want the file as long as the block runs; it is given up where nobody wants it after that."""
        with self._lock:
            self._readers += 1
            if self._expected:
                self._expected.pop(0)
        try:
            yield
        finally:
            with self._lock:
                self._readers -= 1
                self._used = time.monotonic()
                self._give_up_unless_wanted()

    def _give_up_unless_wanted(self) -> None:
        now = time.monotonic()
        self._expected = [until for until in self._expected if until > now]
        if not self._readers and not self._expected and not self.made.done():
            self._given_up = True

    def begun(self) -> bool:
        """Whether there is something to read, or a failure to report.

        Raises:
            Exception: why it could not be made.
        """
        if self.made.done():
            self.made.result()
            return True
        return self.size > 0

    def read(self, place: int) -> bytes | None:
        """Return the bytes at a place, up to `PIECE`; None where more will come, and b"" at the end.

        Raises:
            Exception: why it could not be made.
        """
        finished = self.made.done()  # before reading: what is written later is not the end
        if finished:
            self.made.result()
        piece = os.pread(self._file.fileno(), PIECE, place)
        return piece if piece or finished else None

    def pieces(self) -> Generator[bytes, None, None]:
        """Yield the file from its beginning; waits in this thread while it grows.

        Raises:
            Exception: why it could not be made.
        """
        place = 0
        with self.reading():
            while (piece := self.read(place)) != b"":
                if piece is None:
                    time.sleep(LOOK_S)
                    continue
                place += len(piece)
                yield piece


class Files:
    """The files of an app by what they hold. Safe to share between threads."""

    def __init__(self) -> None:
        """Make nothing yet."""
        self._files: OrderedDict[Hashable, GrowingFile] = OrderedDict()
        self._makers: dict[str, ThreadPoolExecutor] = {}
        self._waiting = 0
        self._lock = threading.Lock()

    def order(self, key: Hashable, state: Callable[[], Hashable], write: Write, *, maker: str) -> GrowingFile:
        """Return a file, which somebody reads within `GRACE_S`.

        It is one that still waits to be made, one that was made from this state, or a new one.

        Args:
            key: what the file holds.
            state: returns the state of the votes and of all else that goes into it.
            write: writes it to a path.
            maker: name of the process that writes it; each writes one file at a time.

        Raises:
            BusyError: very many files are being made.
            OSError: the disk is full or can't be written.
        """
        now = state()
        with self._lock:
            self._forget()
            known = self._files.get(key)
            if known is not None and known.state in (None, now) and known.order():
                self._files.move_to_end(key)
                return known
            if self._waiting >= MOST_WAITING:
                raise BusyError("Very many files are being made: try again in a minute. Voting goes on.")
            file = GrowingFile()
            file.order()
            self._files[key] = file
            self._files.move_to_end(key)
            self._waiting += 1
            pool = self._makers.setdefault(maker, ThreadPoolExecutor(1, thread_name_prefix=maker))
            pool.submit(self._make, file, state, write)
        return file

    def ordered(self, key: Hashable) -> GrowingFile | None:
        """Return the file that was ordered last, for somebody who ordered it; None where it is not kept any more."""
        with self._lock:
            known = self._files.get(key)
            return known if known is not None and known.available() else None

    def _forget(self) -> None:
        """Let finished files go: those that nobody came for lately, and the oldest above the bounds."""
        size = sum(file.size for file in self._files.values())
        for key, file in list(self._files.items()):
            if file.made.done() and (file.idle_s > KEPT_S or size > KEPT_BYTES or len(self._files) > MOST_KEPT):
                del self._files[key]
                size -= file.size

    def _make(self, file: GrowingFile, state: Callable[[], Hashable], write: Write) -> None:
        failure: BaseException | None = None
        try:
            file.state = state()
            write(file.path, file.wanted)
        except BaseException as error:
            failure = error
        with self._lock:
            self._waiting -= 1
        Path(file.path).unlink(missing_ok=True)  # where nobody has opened it
        if failure is None:
            file.made.set_result(None)
        else:
            file.made.set_exception(failure)
