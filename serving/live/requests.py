"""What the app asks the training process, one request at a time; each has one answer. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from serving.engine.live_training import Action, LiveRecipe

SIDE = 32  # pixels of the pictures that it learns from
LEASE = 60.0  # seconds after which a run that nobody looks at ends: the last resort where nobody said that they leave
SPARE = 180.0  # seconds that a process waits for its run


@dataclass(frozen=True)
class Begin:
    """Set up the run; the answer is None.

    Attributes:
        recipe: what to train and how.
        drawings: mode L, light on black, of `SIDE` pixels; only where the recipe asks for them.
        device: a name of torch's.
    """

    recipe: LiveRecipe
    drawings: tuple[Image.Image, ...]
    device: str


@dataclass(frozen=True)
class Observe:
    """Answer with a `LiveFrame`."""


@dataclass(frozen=True)
class Act:
    """Do it and answer with a `LiveFrame`."""

    action: Action


@dataclass(frozen=True)
class Keep:
    """Answer with the generator's safetensors file, bytes."""


Request = Begin | Observe | Act | Keep


@dataclass(frozen=True)
class Refused:
    """The answer to a request that failed; a sentence."""

    message: str
