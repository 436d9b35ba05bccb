"""Reading study files: TOML to `Study`, with the file, the line and the key of each error.

`python -m studies check FILE` checks a file and prints what it amounts to; `python -m studies build FILE` draws its
pictures before the session.
"""

from __future__ import annotations

import codecs
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evaluation.qualitative.study import collection, toml_lines
from evaluation.qualitative.study.arms import MisfitError, PicturesArm, StudyError
from evaluation.qualitative.study.folders import SHIPPED
from evaluation.qualitative.study.schema import Origin, Study
from evaluation.qualitative.study.toml_lines import Positions

MAX_BYTES = 256 * 2**10  # of one study file
MAX_FAULTS = 5  # in one message


def names(folder: Path = SHIPPED) -> list[str]:
    """Return the names of all studies in `folder`, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read(name: str, folder: Path = SHIPPED) -> Study:
    """Read the study in `folder/NAME.toml`.

    Raises:
        StudyError: there is no such study, or a line or key of its file is wrong.
    """
    if name not in (known := names(folder)):
        raise StudyError(f"there is no study {name!r:.80}; there are: {', '.join(known) or 'none'}")
    return read_file(folder / f"{name}.toml")


def read_file(path: Path) -> Study:
    """Read a study from its file; the pictures that it names lie beside it.

    Raises:
        StudyError: the file can't be read, or a line or key of it is wrong.
    """
    where = f"{path.absolute().parent.name}/{path.name}"
    try:
        with path.open("rb") as file:
            text = _decoded(file.read(MAX_BYTES + 1))
    except OSError as error:
        raise StudyError(f"{where} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise StudyError(f"{where} is not TOML: {error.reason} at byte {error.start}; save it as UTF-8") from error
    return parse(text, path.stem, path.parent, where=where)


def parse(text: str, name: str, assets: Path | None = None, *, where: str | None = None) -> Study:
    """Read a study from a text.

    Args:
        text: TOML, up to `MAX_BYTES`.
        name: name of the study: lower-case letters, digits and hyphens.
        assets: the folder with the pictures and zips that it names; without a folder it can name none.
        where: what to call the file in errors; `NAME.toml` by default.

    Raises:
        StudyError: what is wrong, with the file, the line and the key of each fault, up to `MAX_FAULTS` of them.
    """
    where = where or f"{name!s:.70}.toml"
    text = collection.composed(text.removeprefix("\ufeff"))
    data = _table(text, where)
    try:
        if "name" in data:
            raise MisfitError("a study is named by its file", "name")
        study = Study.model_validate({**data, "name": name})
        study.come_from(Origin(text=text, where=where, assets=assets))
        return _with_files(study)
    except ValidationError as error:
        places = Positions(text)
        faults = [fault for fault in error.errors() if fault["type"] != "default_factory_not_called"]  # a consequence
        lines = [_fault(fault, data, places, where) for fault in faults[:MAX_FAULTS]]
        more = [f"… and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise StudyError("\n".join(lines + more)) from error
    except MisfitError as error:
        raise StudyError(_message(where, Positions(text), error)) from error


def misfit(study: Study, message: str, *path: str | int) -> StudyError:
    """Return an error about a key of a study's file that is found only when the study is used.

    Args:
        study: the study as it was read.
        message: what is wrong.
        path: the key, such as `"arms", 1, "model"`.
    """
    origin = study.origin
    return StudyError(_message(origin.where, Positions(origin.text), MisfitError(message, *path)))


def _decoded(raw: bytes) -> str:
    """Decode UTF-8, or what Windows tools write: UTF-16 with a byte-order mark."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16")
    return raw.decode()


def _table(text: str, where: str) -> dict[str, Any]:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise StudyError(f"{where} is not TOML: half a character at {error.start}; save it as UTF-8") from error
    if size > MAX_BYTES:
        raise StudyError(f"{where} has {size:,} bytes; a study has up to {MAX_BYTES:,}")
    try:
        return tomllib.loads(text)
    except ValueError as error:  # from the parser, and from malformed numbers and dates
        raise StudyError(f"{where} is not TOML: {error!s:.200}") from error
    except RecursionError as error:
        raise StudyError(f"{where} is not TOML: its brackets are nested too deeply") from error


def _fault(fault: Any, data: dict[str, Any], places: Positions, where: str) -> str:
    misfit = fault.get("ctx", {}).get("error")
    path = toml_lines.resolve(fault["loc"], data)
    if isinstance(misfit, MisfitError):
        return _message(where, places, MisfitError(str(misfit), *path, *misfit.path))
    return _message(where, places, MisfitError(f"{fault['msg'].removeprefix('Value error, '):.300}", *path))


def _message(where: str, places: Positions, misfit: MisfitError) -> str:
    key = toml_lines.spell(misfit.path)
    return f"{where}, line {places.line(misfit.path)}: {f'{key:.100}: ' if key else ''}{misfit}"


def _with_files(study: Study) -> Study:
    """Check the folders of pictures against the items; by default the items are the files that all folders hold."""
    held: dict[str, set[str]] = {}
    for i, arm in enumerate(study.arms):
        if isinstance(arm, PicturesArm):
            try:
                held[arm.id] = set(collection.find(study.origin.assets, arm.path).stems)
            except StudyError as error:
                raise MisfitError(str(error), "arms", i, "path") from error
    if study.files_decide and not study.items.files:
        shared = sorted(set.intersection(*held.values()))
        if not shared:
            raise MisfitError("the arms' folders have no file name in common", "arms")
        items = study.items.model_validate({**study.items.model_dump(exclude_defaults=True), "files": shared})
        study = study.replaced(items=items)
    for i, arm in enumerate(study.arms):
        if arm.id in held:
            _check_held(study, i, held[arm.id])
    for key in ("contents", "styles"):
        for i, name in enumerate(getattr(study.items, key)):
            _check_found(study, name, "items", key, i)
    for i, (content, style) in enumerate(study.items.pairs):
        _check_found(study, content, "items", "pairs", i)
        _check_found(study, style, "items", "pairs", i)
    return study


def _check_held(study: Study, index: int, held: set[str]) -> None:
    if study.items.kind == "seeds":
        if len(held) < study.sheet:
            raise MisfitError(f"holds {len(held)} pictures, a sheet has {study.sheet}", "arms", index, "path")
    elif lacking := [item for item in study.items.ids or [] if item not in held]:
        more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise MisfitError(f"lacks the picture {lacking[0]!r:.80}{more}", "arms", index, "path")


def _check_found(study: Study, name: str, *path: str | int) -> None:
    try:
        collection.picture_path(study.origin.assets, name)
    except StudyError as error:
        raise MisfitError(str(error), *path) from error
