"""Preprocessing in a chosen order: what a tab may ask, and the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import TypeAdapter, ValidationError

from media.preprocessing import Preparation
from serving.engine.errors import EngineError

if TYPE_CHECKING:
    from PIL import Image

MAX_STEPS = 8  # as many as there are settings
_Steps = TypeAdapter(Preparation)


@dataclass(frozen=True)
class PreprocessedStep:
    """The picture after a step, RGB; `problem` says in a sentence why the step changed nothing, where it could not."""

    picture: Image.Image
    problem: str = ""


class Preprocessor(Protocol):
    """Preprocessing of a photograph, step by step."""

    def preprocess(self, picture: Image.Image, steps: Sequence[Preparation]) -> list[PreprocessedStep]:
        """The picture after each step; a step usually changes one thing.

        Where no subject is found, the background stays, and the step says so.
        """


def steps(values: Sequence[Mapping[str, Any]]) -> tuple[Preparation, ...]:
    """Build steps from plain values, such as `[{"rotate": 30}, {"greyscale": True}]`.

    Raises:
        EngineError: a name is unknown, a value out of range, or a setting is in two steps; one sentence names it.
    """
    if not isinstance(values, Sequence) or not all(isinstance(step, Mapping) for step in values):
        raise EngineError('The steps must be a list of settings, such as [{"rotate": 30}, {"greyscale": true}].')
    if len(values) > MAX_STEPS:
        raise EngineError(f"There are {len(values)} steps; up to {MAX_STEPS} can be applied. Leave some out.")
    for name, count in Counter(name for step in values for name in step).items():
        if count > 1:  # and so no picture grows with each turn
            raise EngineError(f"{name} is in {count} steps; each setting may be in one step only.")
    return tuple(_step(number, step) for number, step in enumerate(values, 1))


def _step(number: int, values: Mapping[str, Any]) -> Preparation:
    try:
        return _Steps.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise EngineError(f"Step {number}, {where}: {first['msg'].removeprefix('Value error, ')}.") from None
