"""The rules by which a study file excludes raters, declared before the first vote."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from evaluation.qualitative.study.arms import Table


class Exclusion(Table):
    """Thresholds for the rater model; beyond one of them, none of a rater's votes count.

    Attributes:
        least_skill: 1 is a typical rater, 0 sees no difference between arms, below 0 prefers what the others do not.
        most_lean: how likely a rater chooses one certain side of two equal pictures; for single pictures, one certain
            answer where the others are divided.
        most_lapses: share of answers given without a look.
    """

    least_skill: float | None = Field(default=None, ge=-1, lt=1)
    most_lean: float | None = Field(default=None, gt=0.5, lt=1)
    most_lapses: float | None = Field(default=None, gt=0, lt=1)

    @model_validator(mode="before")
    @classmethod
    def _something(cls, data: Any) -> Any:
        if data == {}:
            raise ValueError("exclusion needs a threshold: least_skill, most_lean or most_lapses")
        return data
