"""What a process says of itself to those who keep it running."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from serving.web.ending import Ending


@dataclass(frozen=True)
class Service:
    """The state of the process.

    Attributes:
        checks: by name, for `/readyz`; each raises an error that says what is wrong.
        gauges: by name, for `/metrics`: a sentence, and what reads the number.
        ending: whether it was told to end.
    """

    checks: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    gauges: Mapping[str, tuple[str, Callable[[], float]]] = field(default_factory=dict)
    ending: Ending = field(default_factory=Ending)
