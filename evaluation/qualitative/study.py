"""A study is one TOML file in `studies/`: a question, and the arms whose pictures compete to answer it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation.qualitative.arms import Arm, GeneratorArm, RealArm, StudyError
from evaluation.qualitative.schema import Study

STUDIES = Path(__file__).parents[2] / "studies"

__all__ = ["STUDIES", "Arm", "GeneratorArm", "RealArm", "Study", "StudyError", "names", "read"]


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
