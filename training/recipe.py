"""A training recipe: one TOML file says everything that decides the weights."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal, Self

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
    decay_from: NonNegativeInt


class Recipe(_Table):
    """What to train, on what, for how long, and which steps to keep."""

    name: str
    title: str
    data: Literal["mnist"]
    seed: NonNegativeInt
    steps: PositiveInt
    snapshots: list[NonNegativeInt] = Field(min_length=1)
    batch: PositiveInt
    ema: float = Field(ge=0.0, lt=1.0, description="decay of the generator's moving average; 0 keeps none")
    generator: GeneratorTable
    discriminator: DiscriminatorTable
    optimiser: OptimiserTable
    r1: NonNegativeFloat = Field(0.0, description="weight of the gradient penalty on real pictures")

    @model_validator(mode="after")
    def _snapshots_rise_to_the_last_step(self) -> Self:
        if self.snapshots != sorted(set(self.snapshots)) or self.snapshots[-1] != self.steps:
            raise ValueError(f"snapshots must rise to the last step, {self.steps}")
        if self.optimiser.decay_from >= self.steps:
            raise ValueError(f"optimiser.decay_from must lie before the last step, {self.steps}")
        return self


def read(name: str) -> Recipe:
    """Read `training/recipes/NAME.toml`.

    Raises:
        RecipeError: there is no such recipe.
        pydantic.ValidationError: a key is unknown, missing or does not fit; the message names it.
    """
    path = RECIPES / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in RECIPES.glob("*.toml")))
        raise RecipeError(f"there is no recipe {name!r}; there are: {known}")
    return Recipe.model_validate({"name": name, **tomllib.loads(path.read_text())})
