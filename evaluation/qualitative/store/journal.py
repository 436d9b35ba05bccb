"""The journal beside the database: one line of JSON for each ballot, vote and event, written before it counts.

    python -m evaluation.qualitative.store.rebuild votes.sqlite3.jsonl --database sqlite:///rebuilt.sqlite3

Lines are only appended, with one exception: a withdrawal removes a rater's lines, and a line that says so stays.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

Line = dict[str, Any]  # "line": the name of the table; the rest is the row
Convert = Callable[[Iterable[Line]], Iterator[Line]]
_WITHDRAWAL = b'{"line":"withdrawals"'
_PARTICIPANTS = "participants"  # these lines stay when a rater withdraws, so that the participant can't begin again


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
        """Remove a rater's lines of a study, but not which participant it is, and append that of the withdrawal."""
        study, rater = withdrawal["study"], withdrawal["rater"]

        with self._lock, self._alone():
            self._close()
            others = (
                line
                for line in whole(self.path)
                if line["line"] == _PARTICIPANTS or (line.get("study"), line.get("rater")) != (study, rater)
            )
            self._replace(chain(others, [withdrawal]))

    def close(self) -> None:
        """Close the file; the next `append` opens it again."""
        with self._lock:
            self._close()

    def _replace(self, lines: Iterable[Line]) -> None:
        """Replace the file in one step, durably."""
        new = self.path.with_name(f"{self.path.name}.new")
        with new.open("wb") as file:
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
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
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
