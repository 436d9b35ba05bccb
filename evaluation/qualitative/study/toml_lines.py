"""Line numbers of the keys in a TOML file, which the parser of the standard library does not report."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""+'  # the closing quotes may follow quotes of the text
    r"|'''.*?'''+"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]"
    r"|[^\"'#\[\]{}\n]+",
    re.DOTALL,
)


class Positions:
    """The lines of a file's keys and tables.

    Args:
        text: TOML that `tomllib` has accepted.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}  # of the tables in each [[array]]
        table: Path = ()
        for line, statement in _statements(text.replace("\r\n", "\n")):
            if statement.startswith("["):
                table = self._enter(_keys(statement), repeated=statement.startswith("[["))
                if isinstance(table[-1], int):
                    self._lines.setdefault(table[:-1], line)
                self._lines.setdefault(table, line)
            else:
                keys = _keys(statement)
                for length in range(1, len(keys) + 1):
                    self._lines.setdefault((*table, *keys[:length]), line)

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line, from 1, of a key or of the innermost table around it that has a line."""
        for length in range(len(path), 0, -1):
            if line := self._lines.get(tuple(path[:length])):
                return line
        return 1

    def _enter(self, keys: tuple[str, ...], *, repeated: bool) -> Path:
        """Return a header's keys as a path: the second `[[arms]]` is `("arms", 1)`."""
        path: Path = ()
        for i, key in enumerate(keys):
            path = (*path, key)
            if repeated and i == len(keys) - 1:
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        return path


def resolve(location: Sequence[str | int], data: Any) -> Path:
    """Convert pydantic's location of an error to a path in the file, without the tags of unions."""
    path: list[str | int] = []
    for i, key in enumerate(location):
        inside = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if key in inside:
            data = data[key]
            path.append(key)
        elif i == len(location) - 1 and isinstance(data, dict) and key not in (data.get("kind"), data.get("method")):
            path.append(key)
    return tuple(path)


def spell(path: Sequence[str | int]) -> str:
    """Spell a path for the author of the file: `("arms", 2, "step")` is `step of arm 3`."""
    last = max((i for i, key in enumerate(path) if isinstance(key, int)), default=-1)
    keys = ".".join(str(key) for key in path[last + 1 :])
    if last < 0:
        return keys
    listed = ".".join(str(key + 1) if isinstance(key, int) else key for key in path[:last])
    where = f"{'arm' if listed == 'arms' else listed} {int(path[last]) + 1}"
    return f"{keys} of {where}" if keys else where


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each header and each key with its value, and the line on which it begins."""
    line, first, depth = 1, 1, 0
    parts: list[str] = []
    for piece in _TOKEN.findall(text + "\n"):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece, 0)
        if piece == "\n" and depth == 0:
            if statement := "".join(parts).strip():
                yield first, statement
            parts, first = [], line + 1
        elif not piece.startswith("#"):
            parts.append(piece)
        line += piece.count("\n")


def _keys(statement: str) -> tuple[str, ...]:
    """Return the dotted key of a header, or of a key with its value, as the parser reads it."""
    table: Any = tomllib.loads(statement if statement.startswith("[") else _EQUALS.sub(r"\1= 0", statement, count=1))
    keys = []
    while table:
        if isinstance(table, list):
            table = table[0]
        else:
            ((key, table),) = table.items()
            keys.append(key)
    return tuple(keys)


_EQUALS = re.compile(r"""^((?:"(?:\\.|[^"\\\n])*"|'[^'\n]*'|[^"'=])*)=.*""", re.DOTALL)
