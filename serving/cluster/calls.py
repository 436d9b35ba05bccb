"""What crosses between the page's process and the replicas: a call of the contract, and its answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from serving.engine import Engine
from serving.engine.errors import EngineError, UnavailableError
from serving.engine.live_training import LiveTrainer
from serving.engine.sampling import OWN

PROPERTIES = frozenset(name for name in dir(Engine) if isinstance(getattr(Engine, name), property))
METHODS = frozenset(
    name for name in dir(Engine) if not name.startswith("_") and callable(getattr(Engine, name)) and name != "mro"
)
STREAMS = frozenset(
    name for name in METHODS if str(getattr(Engine, name).__annotations__.get("return", "")).startswith("Iterator")
)
HEAVY = STREAMS | {"restyled"}  # seconds of a core
LIVE = frozenset(name for name in vars(LiveTrainer) if not name.startswith("_"))


@dataclass(frozen=True)
class Refusal:
    """An `EngineError` on its way: Ray would wrap the exception, and show a visitor where it was raised.

    Attributes:
        sentence: its message.
        later: whether a later try may succeed (`UnavailableError`).
    """

    sentence: str
    later: bool = False

    @classmethod
    def of(cls, error: EngineError) -> Refusal:
        """The refusal that an error becomes."""
        return cls(str(error), isinstance(error, UnavailableError))

    def error(self) -> EngineError:
        """The error that it was."""
        return (UnavailableError if self.later else EngineError)(self.sentence)


@dataclass(frozen=True)
class Begun:
    """The first answer of a stream: what it was asked for is possible."""


@dataclass(frozen=True)
class File:
    """A file that goes along, because the machines share no disk.

    Attributes:
        content: its bytes.
        suffix: of its name, with the dot.
    """

    content: bytes
    suffix: str


@dataclass(frozen=True)
class Call:
    """A method or property of the contract, with its arguments.

    Attributes:
        name: of the method or property.
        options: the arguments, all by their names in the contract.
        file: the content of the argument `source`, where there is one.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    file: File | None = None

    @property
    def stays(self) -> bool:
        """Whether it is about what only one replica has: live training, and the generators that it made."""
        model = self.options.get("model")
        return self.name in LIVE or (isinstance(model, str) and model.startswith(OWN))
