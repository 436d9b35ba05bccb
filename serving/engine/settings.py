"""The settings of restyling, shared by the page, the API, links and Python scripts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from media.images import MIN_SIDE
from media.preprocessing import Preparation
from serving.engine.errors import EngineError

MAX_SIDE = 4096  # pixels of the result's longer side
MAX_STYLES = 6
WHOLE, SUBJECT, BACKGROUND, DRAWN = "whole", "subject", "background", "drawn"

Network = Literal["auto", "light", "adain"]
Colours = Literal["style", "luminance", "matched", "only"]
Area = Literal["whole", "subject", "background", "drawn"]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RestyleSettings:
    """How to restyle; validated, so that every instance makes sense."""

    strength: Annotated[float, Field(ge=0, le=1)] = 1.0  # 0 keeps the photograph's statistics, 1 takes the style's
    side: Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE)] | None = 384  # longer side; None is the content's own size
    weights: Annotated[tuple[Annotated[float, Field(ge=0, le=1e6)], ...], Field(max_length=MAX_STYLES)] = (1.0,)
    style_scale: Annotated[float, Field(ge=0.25, le=4)] = 1.0  # size of the style picture before it is encoded
    colours: Colours = "style"  # whose colours the result has; "only" takes the style's colours without its texture
    area: Area = "whole"  # where the style goes; the rest stays as it was
    feather: Annotated[float, Field(ge=0, le=200)] = 8.0  # softness of the area's border, in pixels of the result
    preparation: Preparation = Preparation()
    network: Network = "auto"  # which paints: the light one on a CPU and AdaIN on a GPU, unless one is named

    @field_validator("weights")
    @classmethod
    def _weighs_something(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if not any(weights):
            raise ValueError("every style has the weight 0: give at least one of them more")
        return weights


_Settings = TypeAdapter(RestyleSettings)
_DEFAULT = RestyleSettings()


def settings(values: Mapping[str, Any]) -> RestyleSettings:
    """Build settings from plain values, such as those of a form or of JSON.

    Raises:
        EngineError: a name is unknown or a value out of range; one sentence names the first.
    """
    try:
        return _Settings.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise EngineError(f"{where}: {first['msg'].removeprefix('Value error, ')}.") from None


def to_dict(chosen: RestyleSettings) -> dict[str, Any]:
    """All settings as plain values, for JSON and the metadata of a result."""
    return _Settings.dump_python(chosen, mode="json")


def to_query(chosen: RestyleSettings) -> str:
    """What differs from the defaults, as the query of a link: `strength=0.5&prepare.rotate=90`."""
    return urlencode([(name, _written(value)) for name, value in _flat(chosen).items() if value != _FLAT[name]])


def from_query(query: str | Mapping[str, str]) -> RestyleSettings:
    """Read the query of a link; parameters that are no settings are left alone, for the page has its own.

    Raises:
        EngineError: a value is out of range or unreadable; one sentence names it.
    """
    pairs = dict(parse_qsl(query.removeprefix("?"), max_num_fields=100)) if isinstance(query, str) else dict(query)
    values: dict[str, Any] = {"preparation": {}}
    for name, text in pairs.items():
        if name not in _FLAT:
            continue
        group, _, field = name.rpartition("prepare.")
        target = values["preparation"] if name.startswith("prepare.") else values
        target[field if name.startswith("prepare.") else group or name] = _read(text, _FLAT[name])
    return settings(values)


def to_python(chosen: RestyleSettings, *, styles: int = 1) -> str:
    """A script that does the same without the page, to copy."""
    names = [f'"style-{i}.jpg"' for i in range(1, styles + 1)] if styles > 1 else ['"style.jpg"']
    changed = {
        field.name: value
        for field in dataclasses.fields(chosen)
        if (value := getattr(chosen, field.name)) != getattr(_DEFAULT, field.name)
    }
    lines = ["from media import images"]
    if "preparation" in changed:
        lines.append("from media.preprocessing import Preparation")
    lines += ["from serving.local import LocalEngine", "from serving.engine.settings import RestyleSettings", ""]
    lines.append('content = images.read("photo.jpg")')
    lines.append(f"styles = [images.read(path) for path in ({', '.join(names)},)]")
    if chosen.area == DRAWN:
        lines += ["from PIL import Image", "", 'mask = Image.open("mask.png")']
    arguments = ", ".join(f"{name}={_code(value)}" for name, value in changed.items())
    lines.append(f"settings = RestyleSettings({arguments})")
    masked = ", mask=mask" if chosen.area == DRAWN else ""
    lines.append(f'LocalEngine().restyled(content, styles, settings{masked}).after.save("restyled.png")')
    return "\n".join(lines) + "\n"


def _flat(chosen: RestyleSettings) -> dict[str, Any]:
    values = {f.name: getattr(chosen, f.name) for f in dataclasses.fields(chosen) if f.name != "preparation"}
    prepared = {f"prepare.{f.name}": getattr(chosen.preparation, f.name) for f in dataclasses.fields(Preparation)}
    return values | prepared


_FLAT = _flat(_DEFAULT)


def _written(value: Any) -> str:
    if value is None:
        return "own"
    if isinstance(value, tuple):
        return ",".join(f"{number:g}" for number in value)
    return value if isinstance(value, str) else json.dumps(value)


def _read(text: str, default: Any) -> Any:
    """Turn a parameter into what pydantic can judge; what cannot be read goes on as text, and is refused there."""
    if text == "own":
        return None
    return text.split(",") if isinstance(default, tuple) else text


def _code(value: Any) -> str:
    """Python for a value; of a preparation, only what it changes."""
    if not isinstance(value, Preparation):
        return repr(value)
    changed = [
        f"{field.name}={getattr(value, field.name)!r}"
        for field in dataclasses.fields(value)
        if getattr(value, field.name) != field.default
    ]
    return f"Preparation({', '.join(changed)})"
