"""Restyle settings as text: the query of a link."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from media.preprocessing import Preparation
from serving.engine.settings import RestyleSettings, settings

_DEFAULT = RestyleSettings()
_PREPARE = "prepare."  # starts the name of each parameter that belongs to the preparation


def to_query(chosen: RestyleSettings) -> str:
    """Write what differs from the defaults as the query of a link: `strength=0.5&prepare.rotate=90`."""
    return urlencode([(name, _written(value)) for name, value in _flat(chosen).items() if value != _DEFAULTS[name]])


def from_query(query: str | Mapping[str, str]) -> RestyleSettings:
    """Read the query of a link. Parameters that are not settings are ignored: the page has some of its own.

    Raises:
        EngineError: a value is out of range or unreadable; one sentence names it.
    """
    pairs = dict(parse_qsl(query.removeprefix("?"), max_num_fields=100)) if isinstance(query, str) else dict(query)
    values: dict[str, Any] = {}
    preparation: dict[str, Any] = {}
    for name, text in pairs.items():
        if name not in _DEFAULTS:
            continue
        target = preparation if name.startswith(_PREPARE) else values
        target[name.removeprefix(_PREPARE)] = _read(text, _DEFAULTS[name])
    return settings({**values, "preparation": preparation})


def _flat(chosen: RestyleSettings) -> dict[str, Any]:
    """Every setting by its name in a link; those of the preparation begin with `prepare.`."""
    values = {f.name: getattr(chosen, f.name) for f in dataclasses.fields(chosen) if f.name != "preparation"}
    prepared = {f"{_PREPARE}{f.name}": getattr(chosen.preparation, f.name) for f in dataclasses.fields(Preparation)}
    return values | prepared


_DEFAULTS = _flat(_DEFAULT)


def _written(value: Any) -> str:
    if value is None:
        return "own"
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    return value if isinstance(value, str) else json.dumps(value)


def _read(text: str, default: Any) -> Any:
    """Turn a parameter into a value for pydantic; unreadable text stays text, and pydantic refuses it."""
    if text == "own":
        return None
    return text.split(",") if isinstance(default, tuple) else text
