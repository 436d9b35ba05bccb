"""The arms of a study: sources of pictures that it compares (a generator, real data, a style method, a folder)."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, NonNegativeInt

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class StudyError(ValueError):
    """A study or one of its arms does not exist or is malformed; the message names the file and the key."""


class MisfitError(ValueError):
    """A key of a study's file is wrong.

    Args:
        message: what is wrong.
        path: the key, from the file's root or from the table that is being read.
    """

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path = path


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or ":" in path or not path.isprintable():
        raise ValueError("must be a relative path below the study's folder, with / between its parts")
    return path


Inside = Annotated[str, Field(max_length=200), AfterValidator(_inside)]


class Table(BaseModel):
    """A table of the study file: a key that is not known is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Arm(Table):
    id: Name
    title: Text
    competes: bool = Field(default=True, description="false: shown only in training and gold checks, never ranked")

    @property
    def real(self) -> bool:
        """Whether its pictures are real, which a rater of `real_or_fake` has to find out."""
        return False


class GeneratorArm(_Arm):
    """Pictures that a bundled generator made after so many training steps."""

    kind: Literal["generator"]
    model: Name
    step: NonNegativeInt


class HubArm(_Arm):
    """Pictures of a generator that somebody published on the Hub in our layout, at a fixed commit."""

    kind: Literal["hub"]
    repo_id: str = Field(pattern=r"^[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")

    @property
    def address(self) -> str:
        """The repository and the commit, as `org/name@commit`."""
        return f"{self.repo_id}@{self.revision}"


class RealArm(_Arm):
    """Real pictures of a data set that the app ships."""

    kind: Literal["real"]
    data: Name

    @property
    def real(self) -> bool:
        """Always true."""
        return True


class PicturesArm(_Arm):
    """Pictures from a folder or a zip archive beside the study file."""

    kind: Literal["pictures"]
    path: Inside
    are_real: bool = Field(default=False, description="whether they are photographs, not a model's")

    @property
    def real(self) -> bool:
        """The value of `are_real`."""
        return self.are_real


class AdaINArm(_Arm):
    """Photographs restyled in one forward pass (Huang & Belongie, 2017)."""

    kind: Literal["style"]
    method: Literal["adain"]
    strength: float = Field(default=1.0, ge=0, le=1)


class GatysArm(_Arm):
    """Photographs restyled by optimising their pixels (Gatys et al., 2016): too slow to draw while a rater waits."""

    kind: Literal["style"]
    method: Literal["gatys"]
    steps: int = Field(default=60, ge=1, le=2_000)
    content_weight: float = Field(default=1.0, ge=0, le=1e9)
    style_weight: float = Field(default=1e4, gt=0, le=1e9)  # the lecture's 1 : 10 000


class FilterArm(_Arm):
    """The photograph under a plain colour filter, without style transfer: a gold check."""

    kind: Literal["style"]
    method: Literal["filter"]
    filter: Literal["none", "grey", "sepia", "warm", "cool"] = "sepia"


StyleArm = Annotated[AdaINArm | GatysArm | FilterArm, Field(discriminator="method")]
Arm = GeneratorArm | HubArm | RealArm | PicturesArm | AdaINArm | GatysArm | FilterArm
AnyArm = Annotated[GeneratorArm | HubArm | RealArm | PicturesArm | StyleArm, Field(discriminator="kind")]
