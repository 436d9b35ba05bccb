"""The settings of restyling, shared by the page, the API, links and Python scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.dataclasses import dataclass

from media.images import MIN_SIDE
from media.preprocessing import Preparation
from serving.engine.errors import EngineError

MAX_SIDE = 4096  # pixels of the result's longer side
INSTANT_SIDES = (384, 512, 768, 1024)  # pixels of the longer side; the page starts with the largest that is quick
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
