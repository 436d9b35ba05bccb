"""The journal beside the database: one line of JSON for each ballot, vote and event, written before it counts.

    python -m evaluation.qualitative.store.rebuild votes.sqlite3.jsonl --database sqlite:///rebuilt.sqlite3

Lines are only appended, with one exception: a withdrawal removes a rater's lines, and a line that says so stays. It is
appended at once, which takes as long however large the file is, and whoever rebuilds the database leaves the rater's
lines out from then on. The lines themselves go soon after, in the background and for all withdrawals together: the file
is copied without them while votes go on, and only what came meanwhile is copied under the lock.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from evaluation.qualitative.store.database import PRIVATE

Line = dict[str, Any]  # "line": the name of the table; the rest is the row
Convert = Callable[[Iterable[Line]], Iterator[Line]]
_log = logging.getLogger(__name__)
_WITHDRAWAL = b'{"line":"withdrawals"'
_RATER = re.compile(rb'"rater":"([^"]*)"')
_PARTICIPANTS = "participants"  # these lines stay when a rater withdraws, so that the participant can't begin again


COMPACT_AFTER_S = 5.0  # the first withdrawal waits so long for others
_REST = 20  # a copy that took one second is followed by twenty without


class JournalError(RuntimeError):
    """A journal can't be read or used; the message says where and why."""


@dataclass(frozen=True, kw_only=True)
class Torn:
    """An incomplete line that a crash left; nobody got an acknowledgement for it.

    Attributes:
        number: number of the line, from 1.
        text: the part that was written.
    """

    number: int
    text: str


@dataclass(kw_only=True)
class Journal:
    """An append-only file of JSON lines. Safe to share between threads, and the file between processes.

    Attributes:
        path: the file; created with its first line.
    """

    path: Path
    _file: int | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _compacting: threading.Lock = field(default_factory=threading.Lock, init=False)
    _waiting: threading.Timer | None = field(default=None, init=False)
    _timing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _last_s: float = field(default=0.0, init=False)  # how long the last copy took

    def append(self, lines: Sequence[Line]) -> None:
        """Write lines and wait until the disk has them.

        Raises:
            OSError: the disk is full, or the file can't be written.
        """
        if not lines:
            return
        written = b"".join(_encoded(line) for line in lines)
        with self._lock, self._alone():
            file = self._open()
            size = os.fstat(file).st_size
            try:
                if size and os.pread(file, 1, size - 1) != b"\n":  # another process died while it wrote a line
                    written = b"\n" + written
                while written:
                    written = written[os.write(file, written) :]
                os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise

    def begin(self, key: Line, everything: Iterable[Line], convert: Convert) -> None:
        """Make sure that the file belongs to the database with this key, holds all of its rows, and has today's form.

        A file of another database is renamed, never overwritten.

        Args:
            key: the line with the database's key and the `form` of the lines, the first of the file.
            everything: the lines of all rows, for a database that is older than its journal.
            convert: brings the lines of a file of another form to this one.
        """
        with self._lock, self._alone():
            first = owner(self.path)
            if first is not None and first["value"] == key["value"]:
                if first.get("form") != key["form"]:
                    self._close()
                    others = (line for line in whole(self.path) if line["line"] != key["line"])
                    self._replace(chain([key], convert(others)))
                return
            self._close()
            if first is not None:
                aside = f"{self.path.stem}.{first['value'][:8]}{self.path.suffix}"
                self.path.replace(self.path.with_name(aside))
            self._replace(chain([key], everything))

    def withdrawn(self) -> set[tuple[str, str]]:
        """Return the (study, rater) of all withdrawals in the file."""
        if not self.path.exists():
            return set()
        with self.path.open("rb") as file:
            withdrawals = (json.loads(line) for line in file if line.startswith(_WITHDRAWAL))
            return {(line["study"], line["rater"]) for line in withdrawals}

    def redact(self, withdrawal: Line) -> None:
        """Append the line of a withdrawal, and remove the rater's other lines soon; see `compact`."""
        self.append([withdrawal])
        self.compact_soon()

    def compact_soon(self) -> None:
        """Remove the lines of raters who withdrew in some seconds, in the background."""
        with self._timing:
            if self._waiting is None:
                self._waiting = threading.Timer(max(COMPACT_AFTER_S, _REST * self._last_s), self._compact_now)
                self._waiting.daemon = True
                self._waiting.start()

    def compact(self) -> int:
        """Remove the lines of raters who withdrew, but not which participant each is, nor the withdrawal's own line.

        Votes wait only while the lines are copied that came meanwhile. Of two processes that compact one file at the
        same time, the second one leaves it to the first.

        Returns:
            How many lines are gone.
        """
        with self._compacting, self.path.with_name(f"{self.path.name}.compact").open("ab") as turn:
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return 0
            started = time.monotonic()
            try:
                return self._copied_without_withdrawn()
            finally:
                self._last_s = time.monotonic() - started

    def close(self) -> None:
        """Remove what is left of raters who withdrew, and close the file; the next `append` opens it again."""
        with self._timing:
            waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()
            self._try_to_compact()
        with self._lock:
            self._close()

    def _compact_now(self) -> None:
        with self._timing:
            self._waiting = None
        self._try_to_compact()

    def _try_to_compact(self) -> None:
        try:
            self.compact()
        except OSError as error:  # the disk is full, perhaps: the next withdrawal or the next start tries again
            _log.warning("The lines of raters who withdrew are still in %s: %s", self.path, error)

    def _copied_without_withdrawn(self) -> int:
        with self._lock, self._alone():
            if not self.path.exists():
                return 0
            file = self.path.open("rb")
        new = self.path.with_name(f"{self.path.name}.compacted")
        with file:
            size = os.fstat(file.fileno()).st_size  # up to here nothing changes any more
            last = {_withdrawn(line): place for place, line in _lines_to(file, size) if line.startswith(_WITHDRAWAL)}
            raters = {rater.encode() for _, rater in last}
            gone = 0
            with _private(new) as copy:
                for place, line in _lines_to(file, size) if last else ():
                    if _belongs_to_withdrawn(line, place, last, raters):
                        gone += 1
                    else:
                        copy.write(line)
                copy.flush()
                os.fsync(copy.fileno())
                if gone:
                    with self._lock, self._alone():
                        if not _same(file.fileno(), self.path):  # another process replaced it: the next time, then
                            gone = 0
                        else:
                            file.seek(size)
                            shutil.copyfileobj(file, copy)
                            copy.flush()
                            os.fsync(copy.fileno())
                            new.replace(self.path)
                            _sync_folder(self.path.parent)
                            self._close()
        new.unlink(missing_ok=True)
        return gone

    def _replace(self, lines: Iterable[Line]) -> None:
        """Replace the file in one step, durably."""
        new = self.path.with_name(f"{self.path.name}.new")
        with _private(new) as file:
            for line in lines:
                file.write(_encoded(line))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        _sync_folder(self.path.parent)

    def _open(self) -> int:
        """Return a descriptor of the file at the path; another process may have replaced the file."""
        if self._file is not None and not _same(self._file, self.path):
            self._close()
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, PRIVATE)
            with suppress(OSError):  # some file systems know no modes
                os.fchmod(self._file, PRIVATE)  # an older version left the file readable
            _sync_folder(self.path.parent)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out; the kernel releases the lock when this process dies."""
        with self.path.with_name(f"{self.path.name}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _private(path: Path) -> BinaryIO:
    """Open a new file that nobody but this process's user may read."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "wb")


def read(path: Path) -> Iterator[Line | Torn]:
    """Read a journal line by line; incomplete lines come as `Torn`.

    Raises:
        JournalError: there is no such file.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise JournalError(f"The journal can't be read: {error}") from error
    with file:
        for number, raw in enumerate(file, start=1):
            try:
                line = json.loads(raw)
            except ValueError:
                line = None
            if isinstance(line, dict) and "line" in line and raw.endswith(b"\n"):
                yield line
            else:
                yield Torn(number=number, text=raw.decode(errors="replace").rstrip("\n"))


def whole(path: Path) -> Iterator[Line]:
    """Read the complete lines of a journal.

    Raises:
        JournalError: there is no such file.
    """
    return (line for line in read(path) if not isinstance(line, Torn))


def owner(path: Path) -> Line | None:
    """Return the line with the key of the database that a file belongs to, if it has any lines."""
    if not path.exists():
        return None
    return next((line for line in whole(path) if line["line"] == "settings"), None)


def _lines_to(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield each line that begins before `size`, with its place."""
    file.seek(0)
    place = 0
    for line in file:
        if place >= size:
            return
        yield place, line
        place += len(line)


def _withdrawn(line: bytes) -> tuple[str, str]:
    """Return the study and the rater of a withdrawal; of a line that a crash cut off, nobody's."""
    try:
        withdrawal = json.loads(line)
        return withdrawal["study"], withdrawal["rater"]
    except (ValueError, KeyError):
        return "", ""


def _belongs_to_withdrawn(
    line: bytes, place: int, last: Mapping[tuple[Any, Any], int], raters: Container[bytes]
) -> bool:
    """Return whether a line is of a rater who withdrew, other than the last that says so.

    Args:
        line: of the file.
        place: where it begins.
        last: place of the last withdrawal, by study and rater.
        raters: those of all withdrawals, encoded: only their lines are parsed.
    """
    if not any(rater in raters for rater in _RATER.findall(line)):
        return False
    try:
        row = json.loads(line)
    except ValueError:  # cut off by a crash, and never acknowledged
        return True
    if row["line"] == _PARTICIPANTS:
        return False
    owner_of = (row.get("study"), row.get("rater"))
    return owner_of in last and last[owner_of] != place


def _encoded(line: Line) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Flush the folder to the disk; otherwise a power cut could lose the name of a new file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
