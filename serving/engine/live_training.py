"""The live-training part of the engine contract: a small GAN trained before a visitor's eyes. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Any, Literal, Protocol, get_args

from PIL import Image
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from models.gan.seeds import MAX_SEED
from serving.engine.errors import EngineError
from serving.engine.sampling import GeneratorInfo

Pictures = Literal["digits", "clothes", "drawings"]
Game = Literal["non-saturating", "relativistic", "wasserstein", "hinge", "least-squares"]
Pack = Literal[1, 2, 4]
Action = Literal["go", "pause", "d-step", "g-step", "stop"]
State = Literal["training", "paused", "stopped", "finished", "broken"]
OVER: frozenset[State] = frozenset({"stopped", "finished", "broken"})

SHEET = 16  # samples in a frame
JUDGED = 32  # samples whose kinds are counted in a frame
MOST_STEPS = 5  # of one network in a training step
FEWEST_DRAWINGS, MOST_DRAWINGS = 5, 40
SECONDS = 180  # of computing in a run
SMOOTHED: frozenset[Game] = frozenset({"non-saturating", "least-squares"})  # the games that have targets
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
KINDS: Mapping[Pictures, tuple[str, ...]] = {"digits": tuple("0123456789"), "clothes": CLOTHES, "drawings": ()}

_Number = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Steps = Annotated[int, Field(ge=1, le=MOST_STEPS)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class LiveRecipe:
    """What to train and how; validated, so that every instance makes sense."""

    pictures: Pictures = "digits"
    game: Game = "non-saturating"  # the two losses
    smooth_from: Annotated[float, Field(ge=0.5, le=1, allow_inf_nan=False)] = 1.0  # targets of real pictures, at least
    smooth_to: Annotated[float, Field(ge=0.5, le=1, allow_inf_nan=False)] = 1.0  # and at most
    d_steps: _Steps = 1  # of the discriminator in a training step
    g_steps: _Steps = 1  # of the generator
    noise: _Number = 0.0  # deviation of the noise on what the discriminator sees, in units of -1 to 1
    pack: Pack = 1  # pictures that the discriminator judges together
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] = 0

    @model_validator(mode="after")
    def _consistent(self) -> LiveRecipe:
        if self.smooth_from > self.smooth_to:
            raise ValueError("label smoothing goes from the smaller number to the larger")
        if (self.smooth_from, self.smooth_to) != (1.0, 1.0) and self.game not in SMOOTHED:
            raise ValueError(
                f"the {self.game} loss has no labels to smooth: leave smoothing at 1, or choose another loss"
            )
        return self


_Recipe = TypeAdapter(LiveRecipe)
_NAMES = {"smooth_from": "smoothing, from", "smooth_to": "smoothing, to", "d_steps": "D steps", "g_steps": "G steps"}


def live_recipe(values: Mapping[str, Any]) -> LiveRecipe:
    """Build a recipe from plain values, such as those of a form or of JSON.

    Raises:
        EngineError: a name is unknown or a value out of range; one sentence names the first.
    """
    try:
        return _Recipe.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        sentence = f"{_NAMES.get(where, where)}: {message}" if where else message
        raise EngineError(f"{sentence[:1].upper()}{sentence[1:]}.") from None


@plain_dataclass(frozen=True)
class LossPoint:
    """The losses of a training step; None where that network made no step."""

    step: int
    d_loss: float | None
    g_loss: float | None


@plain_dataclass(frozen=True)
class LiveFrame:
    """A run as it stands.

    Attributes:
        step: training steps so far.
        seconds: of computing so far; pauses do not count.
        state: whether it trains, waits, or is over and why.
        samples: `SHEET` pictures, of the same z in every frame.
        closest: the real picture that differs least from each sample.
        closest_index: its number among the real pictures, from 0.
        d_real: D's mean verdict on real pictures lately, 0 to 1; NaN before the first step.
        d_fake: on generated pictures.
        real_verdicts: how many of the latest verdicts on real pictures fall into each tenth from 0 to 1.
        fake_verdicts: on generated pictures.
        kinds: how many of `JUDGED` samples are of each kind: a digit, a garment, or a drawing that is the closest.
        curve: the losses since the last frame.
        source: a sentence: what it learns from.
        message: a sentence, where the run is over.
    """

    step: int
    seconds: float
    state: State
    samples: tuple[Image.Image, ...]
    closest: tuple[Image.Image, ...]
    closest_index: tuple[int, ...]
    d_real: float
    d_fake: float
    real_verdicts: tuple[int, ...]
    fake_verdicts: tuple[int, ...]
    kinds: tuple[int, ...]
    curve: tuple[LossPoint, ...]
    source: str
    message: str = ""

    @property
    def over(self) -> bool:
        """Whether no more training will come."""
        return self.state in OVER


def is_action(value: object) -> bool:
    """Whether `control_live` knows it."""
    return value in get_args(Action)


class LiveTrainer(Protocol):
    """Training while one looks on. A run is a handle, known to the process that started it and to no other.

    A run ends by itself: after `SECONDS` of computing, or when nobody has asked for its frames for a while. What it has
    learned is a generator with a name of its own (`keep_live`), which `sample` and the other methods take like any.
    """

    def prepare_live(self) -> None:
        """Get ready for a run, so that its start takes no time; it returns at once and may be called by everybody."""

    def start_live(self, recipe: LiveRecipe, *, drawings: Sequence[Image.Image] = (), visitor: str = "") -> str:
        """Start a run, and return its handle.

        Args:
            recipe: what to train and how.
            drawings: where the recipe asks for drawings: dark on light, of any size.
            visitor: who starts it: a run that this visitor has already ends. Empty is somebody new each time.

        Raises:
            EngineError: all places are taken, or there are too few drawings, too many, or a blank one.
        """

    def live_frames(self, handle: str, *, interval: float = 0.3) -> Iterator[LiveFrame]:
        """The run as it stands, again and again until it is over; the last frame says why it is.

        Args:
            handle: of the run.
            interval: the fewest seconds from one frame to the next.

        Raises:
            EngineError: there is no such run any more.
        """

    def control_live(self, handle: str, action: Action) -> None:
        """Let a run go on, pause it, make a step of one network alone (which pauses it), or stop it for good.

        Raises:
            EngineError: there is no such run any more, or it is over.
        """

    def end_live(self, handle: str) -> None:
        """End a run and forget it; nothing happens if it is forgotten already."""

    def keep_live(self, handle: str) -> GeneratorInfo:
        """Keep what a run has learned so far, as a generator.

        Raises:
            EngineError: there is no such run any more.
        """

    def own_file(self, model: str) -> bytes:
        """A generator that `keep_live` or `bring_file` named, as a safetensors file that `bring_file` takes.

        Raises:
            EngineError: it is not kept any more.
        """

    def bring_file(self, content: bytes) -> GeneratorInfo:
        """Keep a generator from a file that `own_file` made.

        Raises:
            EngineError: the file is something else, is damaged or too large, or does not fit; the message says which.
        """
