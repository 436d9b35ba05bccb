"""A study is one TOML file in `studies/`: a question, and the arms whose pictures compete to answer it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, ValidationError, model_validator

STUDIES = Path(__file__).parents[2] / "studies"

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class StudyError(ValueError):
    """A study, or an arm of one, does not exist or is not well formed; the message names the file and the key."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GeneratorArm(_Table):
    """Pictures that a generator made after so many training steps."""

    id: Name
    title: Text
    kind: Literal["generator"]
    model: Name
    step: NonNegativeInt


class RealArm(_Table):
    """Real pictures out of a data set."""

    id: Name
    title: Text
    kind: Literal["real"]
    data: Name


Arm = Annotated[GeneratorArm | RealArm, Field(discriminator="kind")]


class Study(_Table):
    """What a rater is asked, and about which arms."""

    name: Name
    title: Text
    question: Text
    sheet: int = Field(default=16, ge=1, le=64, description="samples in one picture")
    arms: list[Arm] = Field(min_length=2)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [arm.id for arm in self.arms]
        if repeated := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"each arm needs an id of its own; more than one has: {', '.join(repeated)}")
        return self

    def arm(self, id: str) -> GeneratorArm | RealArm:
        """Return the arm with this id.

        Raises:
            StudyError: there is none.
        """
        for arm in self.arms:
            if arm.id == id:
                return arm
        known = ", ".join(arm.id for arm in self.arms)
        raise StudyError(f"study {self.name!r} has no arm {id!r:.80}; it has: {known}")


def names(folder: Path = STUDIES) -> list[str]:
    """Return the names of all studies in `folder`, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read(name: str, folder: Path = STUDIES) -> Study:
    """Read the study in `folder/NAME.toml`.

    Raises:
        StudyError: there is no such study, or a line or key of its file is wrong.
    """
    if name not in (known := names(folder)):
        raise StudyError(f"there is no study {name!r:.80}; there are: {', '.join(known) or 'none'}")
    path = folder / f"{name}.toml"
    where = f"{folder.name}/{path.name}"
    try:
        return Study.model_validate({"name": name, **tomllib.loads(path.read_text(encoding="utf-8"))})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{where} is not TOML: {error}") from error
    except ValidationError as error:
        faults = [f"{_key(fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise StudyError(f"{where} does not fit: {'; '.join(faults)}") from error


def _key(location: tuple[Any, ...]) -> str:
    """Write a place in the file as its author counts: `('arms', 2, 'generator', 'step')` is `step of arm 3`."""
    match location:
        case ("arms", int(index)):
            return f"arm {index + 1}"
        case ("arms", int(index), _, *keys):
            return f"{'.'.join(map(str, keys))} of arm {index + 1}"
        case ():
            return "arms"
        case _:
            return ".".join(map(str, location))
