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

RECIPES = Path(__file__).parent / "recipes"


class RecipeError(ValueError):
    """There is no such recipe."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GeneratorTable(_Table):
    """Arguments of `models.dcgan.Generator`."""

    z_dim: PositiveInt
    width: PositiveInt
    modes: NonNegativeInt = 0


class DiscriminatorTable(_Table):
    """Arguments of `models.dcgan.Discriminator`."""

    width: PositiveInt
    batch_norm: bool


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


class Recipe(_Table):
    """What to train, on what, for how long, and which steps to keep."""

    name: str
    title: str
    shows: str = Field("", description="what the lecture says that these weights let one see")
    data: Literal["mnist", "stacked-mnist"]
    seed: NonNegativeInt
    steps: PositiveInt
    snapshots: list[NonNegativeInt] = Field(min_length=1)
    batch: PositiveInt
    ema: float = Field(ge=0.0, lt=1.0, description="decay of the generator's moving average; 0 keeps none")
    game: Literal["non-saturating", "relativistic", "wasserstein"] = "non-saturating"
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
    optimiser: OptimiserTable

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.snapshots != sorted(set(self.snapshots)) or self.snapshots[-1] != self.steps:
            raise ValueError(f"snapshots must rise to the last step, {self.steps}")
        if self.optimiser.decay_from is not None and self.optimiser.decay_from >= self.steps:
            raise ValueError(f"optimiser.decay_from must lie before the last step, {self.steps}")
        if self.batch % self.pack:
            raise ValueError(f"batch must be a multiple of pack, {self.pack}")
        if not 0 < self.real_target[0] <= self.real_target[1] <= 1:
            raise ValueError("real_target must be two numbers above 0, up to 1, that rise")
        if self.real_target != (1.0, 1.0) and self.game != "non-saturating":
            raise ValueError(f"real_target means nothing to the {self.game} game")
        return self


def read(name: str) -> Recipe:
    """Read `training/recipes/NAME.toml`.

    Raises:
        RecipeError: there is no such recipe.
        pydantic.ValidationError: a key is unknown, missing or does not fit; the message names it.
    """
    return Recipe.model_validate({**_tables(name), "name": name})


def names() -> list[str]:
    """All recipes."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def _tables(name: str) -> dict[str, Any]:
    path = RECIPES / f"{name}.toml"
    if not path.exists():
        raise RecipeError(f"there is no recipe {name!r}; there are: {', '.join(names())}")
    own = tomllib.loads(path.read_text())
    base = own.pop("base", None)
    return own if base is None else _changed(_tables(base), own)


def _changed(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """The base's keys, with those of `own` in their place, table by table."""
    tables = {k: _changed(base[k], v) for k, v in own.items() if isinstance(v, dict) and isinstance(base.get(k), dict)}
    return {**base, **own, **tables}
