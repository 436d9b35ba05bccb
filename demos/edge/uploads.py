"""Files of visitors that are in use are kept: a call renews the age of the files that it names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gradio.utils import get_upload_folder

DEPTH = 4  # lists and objects in each other, as a gallery's


def keep(inputs: Any) -> None:
    """Renew the age of the uploaded files among the values of a call."""
    folder = os.path.realpath(get_upload_folder())
    for name in _paths(inputs, DEPTH):
        path = os.path.realpath(name)
        if path.startswith(folder + os.sep):
            try:
                os.utime(path)
            except OSError:  # gone, or not there at all: the call says so
                continue


def shown_at_start(config: Any) -> set[Path]:
    """The files in Gradio's folder that the page shows from its start; they are kept for ever."""
    folder = get_upload_folder()
    named = re.compile(rf"""(?:{re.escape(folder)}|{re.escape(os.path.realpath(folder))})/[^"'<>?#&\\\s]+""")
    return {Path(path).resolve() for text in _strings(config) for path in named.findall(text)}


def _paths(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict):
        path = value.get("path")
        if isinstance(path, str) and "\0" not in path:
            yield path
        value = list(value.values())
    if isinstance(value, list | tuple) and depth:
        for part in value:
            yield from _paths(part, depth - 1)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list | tuple | set):
        for part in value:
            yield from _strings(part)
