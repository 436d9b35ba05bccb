"""Training runs that can be stopped and resumed, and end with the same weights as without the stop."""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import torch
from torch import Tensor


class TrainingStep(Protocol):
    """The state after a step of training."""

    @property
    def step(self) -> int:
        """How many steps have been made."""

    @property
    def figures(self) -> Mapping[str, float]:
        """What to log by name; empty before the first step."""

    def weights(self) -> dict[str, Tensor]:
        """The state dict that a snapshot keeps."""


class TrainingRun(Protocol):
    """A training run that can be stopped and resumed, and ends with the same weights as without the stop."""

    step: int

    def progress(self) -> Iterator[TrainingStep]:
        """Train to the last step and yield the state at every step, the first before any training."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that a later `load_state_dict` needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""


class Schedule(Protocol):
    """The part of a recipe that sets the length of the run."""

    @property
    def name(self) -> str:
        """The recipe's name."""

    @property
    def steps(self) -> int:
        """The last step."""

    @property
    def snapshots(self) -> list[int]:
        """The steps after which a snapshot is kept."""


class Figures(Mapping[str, float]):
    """Figures by name that are read from the device when one is wanted: whoever reads waits for the device.

    Args:
        names: of the figures.
        values: as many, `(N,)`.
    """

    def __init__(self, names: Sequence[str], values: Tensor) -> None:
        self._names, self._values = names, values

    @functools.cached_property
    def _read(self) -> dict[str, float]:
        return dict(zip(self._names, self._values.tolist(), strict=True))

    def __getitem__(self, name: str) -> float:
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


S = TypeVar("S", bound=Schedule)
P = TypeVar("P", bound=TrainingStep)


class Resumable(ABC, Generic[S, P]):
    """The part of a run that does not depend on what is trained.

    Attributes:
        parts: the attributes that have a state of their own.
        lists: the attributes that are lists of such parts.
        step: how many steps have been made.
        random: the source of every random number drawn on the CPU.
        settings: the recipe.
    """

    parts: ClassVar[tuple[str, ...]]
    lists: ClassVar[tuple[str, ...]] = ()
    step: int
    random: torch.Generator
    settings: S

    @abstractmethod
    def now(self) -> P:
        """The state before the next step."""

    @abstractmethod
    def advance(self) -> P:
        """Make a step."""

    def progress(self) -> Iterator[P]:
        """Train to the last step and yield the state at every step, the first before any training."""
        yield self.now()
        while self.step < self.settings.steps:
            yield self.advance()

    def state_dict(self) -> dict[str, Any]:
        """Everything that a later `load_state_dict` needs to resume the run exactly."""
        parts = {name: getattr(self, name).state_dict() for name in self.parts}
        lists = {name: [part.state_dict() for part in getattr(self, name)] for name in self.lists}
        return {"step": self.step, "random": self.random.get_state(), **lists, **parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.step = state["step"]
        self.random.set_state(state["random"].cpu())
        for name in self.lists:
            for part, saved in zip(getattr(self, name), state[name], strict=True):
                part.load_state_dict(saved)
        for name in self.parts:
            getattr(self, name).load_state_dict(state[name])
