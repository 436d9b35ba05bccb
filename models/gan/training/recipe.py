"""A training recipe: one TOML file says everything that decides the weights.

A recipe with `base` is that recipe with some keys changed, so that two runs can differ in one named switch.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from models.gan.training.augment import Alteration

RECIPES = Path(__file__).parents[3] / "training" / "recipes"
CYCLE = "cycle"  # the folder in it for recipes of `training.cycle`


class RecipeError(ValueError):
    """There is no such recipe."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GeneratorTable(_Table):
    """Arguments of `models.gan.dcgan.Generator`, or of `models.gan.sagan.Generator` without `modes`."""

    z_dim: PositiveInt
    width: PositiveInt
    modes: NonNegativeInt = 0


class DiscriminatorTable(_Table):
    """Arguments of `models.gan.dcgan.Discriminator`, or of `models.gan.sagan.Discriminator` without `batch_norm`."""

    width: PositiveInt
    batch_norm: bool = False


class OptimiserTable(_Table):
    """Adam for both networks; the learning rates fall linearly to zero from `decay_from` to the last step."""

    generator_lr: PositiveFloat
    discriminator_lr: PositiveFloat
    betas: tuple[float, float]
    decay_from: NonNegativeInt | None = None


class NoiseTable(_Table):
    """Gaussian noise on every picture that the discriminator sees, fading linearly to nothing at step `until`.

    Sønderby et al., 2017. `start` is the deviation at step 0, in units of the pictures' range of -1 to 1.
    """

    start: NonNegativeFloat = 0.0
    until: PositiveInt = 1


class _Recipe(_Table):
    """What every recipe says, whatever the loop."""

    name: str
    title: str
    shows: str = Field("", description="what these weights show, in one or two sentences for the page")
    seed: NonNegativeInt
    steps: PositiveInt
    snapshots: list[NonNegativeInt] = Field(min_length=1)
    batch: PositiveInt
    ema: float = Field(ge=0.0, lt=1.0, description="decay of the generator's moving average; 0 keeps none")
    augment: list[Alteration] = Field(
        [], description="what the discriminator sees altered: see models.gan.training.augment"
    )
    optimiser: OptimiserTable

    @model_validator(mode="after")
    def _rising(self) -> Self:
        if self.snapshots != sorted(set(self.snapshots)) or self.snapshots[-1] != self.steps:
            raise ValueError(f"snapshots must rise to the last step, {self.steps}")
        if self.optimiser.decay_from is not None and self.optimiser.decay_from >= self.steps:
            raise ValueError(f"optimiser.decay_from must lie before the last step, {self.steps}")
        return self


class Recipe(_Recipe):
    """How to train one generator, on what, for how long, and which steps to keep."""

    data: Literal["mnist", "fashion-mnist", "stacked-mnist", "cifar10", "twemoji", "faces", "faces-skewed"]
    network: Literal["dcgan", "sagan"] = "dcgan"
    game: Literal["non-saturating", "relativistic", "wasserstein", "hinge", "least-squares"] = "non-saturating"
    real_target: tuple[float, float] = Field((1.0, 1.0), description="one-sided smoothing draws targets from here")
    d_steps: PositiveInt = 1
    g_steps: PositiveInt = 1
    pack: PositiveInt = Field(1, description="pictures that the discriminator judges together (Lin et al., 2018)")
    r1: NonNegativeFloat = Field(0.0, description="weight of the gradient penalty on real pictures")
    r2: NonNegativeFloat = Field(0.0, description="weight of the gradient penalty on generated pictures")
    gradient_penalty: NonNegativeFloat = Field(0.0, description="weight of WGAN-GP's penalty between the two")
    noise: NoiseTable = NoiseTable()
    generator: GeneratorTable
    discriminator: DiscriminatorTable

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.batch % self.pack:
            raise ValueError(f"batch must be a multiple of pack, {self.pack}")
        if not 0 < self.real_target[0] <= self.real_target[1] <= 1:
            raise ValueError("real_target must be two numbers above 0, up to 1, that rise")
        if self.real_target != (1.0, 1.0) and self.game not in ("non-saturating", "least-squares"):
            raise ValueError(f"real_target means nothing to the {self.game} game")
        if self.network == "sagan" and (self.generator.modes or self.discriminator.batch_norm):
            raise ValueError("sagan has neither generator.modes nor discriminator.batch_norm")
        return self


class TranslatorTable(_Table):
    """Arguments of `models.gan.cyclegan.Translator`."""

    width: PositiveInt
    halvings: PositiveInt
    blocks: PositiveInt


class PatchTable(_Table):
    """Arguments of `models.gan.cyclegan.PatchDiscriminator`."""

    width: PositiveInt


class CycleRecipe(_Recipe):
    """How to train two translators between Twemoji and Noto."""

    categories: list[str] = Field([], description="of code points: see training.data.emoji; all if none is named")
    size: PositiveInt = Field(description="side of the pictures in pixels, a divisor of 64")
    cycle: NonNegativeFloat = Field(description="weight of the distance of a picture to itself there and back")
    identity: NonNegativeFloat = Field(description="weight of the change to pictures that have the manner already")
    pool: NonNegativeInt = Field(description="earlier translations to keep for the discriminators")
    generator: TranslatorTable
    discriminator: PatchTable


def read(name: str) -> Recipe:
    """Read `training/recipes/NAME.toml`.

    Raises:
        RecipeError: there is no such recipe.
        pydantic.ValidationError: a key is unknown, missing or does not fit; the message names it.
    """
    return Recipe.model_validate({**_tables(name, RECIPES), "name": name})


def read_cycle(name: str) -> CycleRecipe:
    """Read `training/recipes/cycle/NAME.toml`; it raises what `read` does."""
    return CycleRecipe.model_validate({**_tables(name, RECIPES / CYCLE), "name": name})


def names() -> list[str]:
    """All recipes of single generators."""
    return _names(RECIPES)


def cycle_names() -> list[str]:
    """All recipes of pairs of translators."""
    return _names(RECIPES / CYCLE)


def _names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def _tables(name: str, folder: Path) -> dict[str, Any]:
    path = folder / f"{name}.toml"
    if not path.exists():
        raise RecipeError(f"there is no recipe {name!r}; there are: {', '.join(_names(folder))}")
    own = tomllib.loads(path.read_text())
    base = own.pop("base", None)
    return own if base is None else _changed(_tables(base, folder), own)


def _changed(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The base's keys, with those of `own` in their place, table by table."""
    tables = {k: _changed(base[k], v) for k, v in own.items() if isinstance(v, dict) and isinstance(base.get(k), dict)}
    return {**base, **own, **tables}
