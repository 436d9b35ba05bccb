"""weights/manifest.toml: what each bundled model is, who made it, and the digest of each of its files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from models.errors import WeightsError
from models.hub.registry import ARCHITECTURES, TFLITE
from models.layout import GRAPH, WEIGHTS

FOLDER = Path(__file__).parents[2] / "weights"
MANIFEST = "manifest.toml"
REPO_ID, REVISION = r"^[\w.-]+/[\w.-]+$", r"^[0-9a-f]{40}$"


def _inside(path: str) -> str:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path:
        raise ValueError("must be a relative path inside the model's folder")
    return path


def _known(architecture: str) -> str:
    if architecture not in ARCHITECTURES and architecture != TFLITE:
        raise ValueError(f"must be one of {', '.join([*ARCHITECTURES, TFLITE])}")
    return architecture


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightsFile(_Table):
    """One file of a model; a snapshot also has the training step after which it was taken."""

    path: Annotated[str, AfterValidator(_inside)]
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: PositiveInt
    step: NonNegativeInt | None = None


class RemoteTensor(_Table):
    """One tensor of somebody else's file: what it is called there, and its digest once it was recorded."""

    key: str
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")


class Partial(_Table):
    """Weights that are some tensors of a large file on the Hub, fetched by `models.hub.partial` and never bundled.

    `revision` and the digests are written by `python -m models.hub.partial record NAME`; before that
    the weights cannot be verified and are not loaded.
    """

    repo_id: str = Field(pattern=REPO_ID)
    revision: str | None = Field(None, pattern=REVISION)
    path: Annotated[str, AfterValidator(_inside)] = WEIGHTS
    tensors: dict[str, RemoteTensor] = Field(min_length=1)  # by the name in our module
    constants: dict[str, list] = Field(default_factory=dict)  # what the module needs and the file lacks

    @property
    def recorded(self) -> bool:
        """Whether it is known what exactly the file should hold."""
        return self.revision is not None and all(tensor.sha256 for tensor in self.tensors.values())


class Entry(_Table):
    """One model: a folder in weights/ and, where `repo_id` is set, the same layout on the Hub at `revision`.

    A model with `partial` has no files here.
    """

    title: str
    shows: str = ""  # what the model shows, in one or two sentences for the page
    architecture: Annotated[str, AfterValidator(_known)]
    config: dict[str, int | float | bool | str]
    origin: str
    licence: str
    command: str
    repo_id: str | None = Field(None, pattern=REPO_ID)
    revision: str | None = Field(None, pattern=REVISION)
    partial: Partial | None = None
    files: list[WeightsFile] = Field(default_factory=list)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.repo_id is None) != (self.revision is None):
            raise ValueError("repo_id and revision belong together: a repository without a commit can change")
        if self.partial is not None:
            if self.files or self.repo_id:
                raise ValueError("partial stands alone: without files and repo_id")
        elif [file.path for file in self.files].count(self.main) != 1:
            raise ValueError(f"files must list {self.main} once")
        return self

    @property
    def is_graph(self) -> bool:
        """Whether LiteRT runs the model, and not torch."""
        return self.architecture == TFLITE

    @property
    def main(self) -> str:
        """The file of the finished model."""
        return GRAPH if self.is_graph else WEIGHTS

    @property
    def steps(self) -> list[int]:
        """The training steps of which there is a snapshot, rising; empty for a model that has none."""
        return sorted(file.step for file in self.files if file.step is not None)

    def file(self, step: int | None = None) -> WeightsFile:
        """The file of a snapshot, or of the finished model.

        Raises:
            WeightsError: there is no such snapshot.
        """
        for file in self.files:
            if file.step == step if step is not None else file.path == self.main:
                return file
        known = ", ".join(map(str, self.steps)) or "none"
        raise WeightsError(f"{self.title} has no snapshot at step {step}; there are: {known}")


_Manifest = TypeAdapter(dict[str, Entry])


def read(folder: Path = FOLDER) -> dict[str, Entry]:
    """Read a folder's manifest: model name -> entry, in the file's order.

    Raises:
        WeightsError: there is no manifest, or it is wrong; the message names the key.
    """
    path = folder / MANIFEST
    try:
        return dict(_parsed(path.read_text(), path))
    except OSError as error:
        raise WeightsError(f"{path} can't be read: {error.strerror}") from error


@lru_cache(maxsize=4)  # by the text: every part of the app asks, at its start and later
def _parsed(text: str, path: Path) -> Mapping[str, Entry]:
    """The entries of a manifest's text; the path is for the errors."""
    try:
        return _Manifest.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise WeightsError(f"{path} is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise WeightsError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
