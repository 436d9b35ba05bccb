"""Looking into the bundled generators; `serving.engine.attributes.AttributeReader` documents the methods."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

from models.gan import labelled, latent
from models.hub import guest, manifest
from serving.engine.attributes import Counted, NamedDirection
from serving.engine.errors import EngineError
from serving.engine.sampling import Samples
from serving.local.sampling import info_at, info_of, pictures_of

DIRECTIONS, METRICS = "directions.json", "metrics.json"  # beside a model's weights, written by `training.scoring`


class LocalAttributes:
    """The part of the engine that looks into generators."""

    def blend(self, model: str, *, step: int, seed: int, count: int, shares: Sequence[float]) -> Samples:
        """See `AttributeReader.blend`."""
        info = info_at(model, step)
        if not info.labels:
            raise EngineError(f"{info.title} has no labels to blend.")
        if len(shares) != len(info.labels):
            raise EngineError(f"{info.title} takes {len(info.labels)} shares, one for each label, not {len(shares)}.")
        z = latent.sample_z(seed, count, info.z_dim)
        try:
            z = labelled.blended(z, shares)
        except ValueError as error:
            raise EngineError(f"{str(error).capitalize()}.") from None
        return Samples(tuple(pictures_of(model, step, z)), tuple(map(tuple, z.tolist())))

    def named_directions(self, model: str) -> list[NamedDirection]:
        """See `AttributeReader.named_directions`."""
        return [
            NamedDirection(row["title"], row["low"], row["high"], tuple(row["vector"]))
            for row in _beside(model, DIRECTIONS).get("directions", [])
        ]

    def counted(self, model: str) -> list[Counted]:
        """See `AttributeReader.counted`."""
        table = _beside(model, METRICS).get("attributes", {})
        return [
            Counted(attribute, value, shares["data"], shares["samples"])
            for attribute, values in table.items()
            for value, shares in values.items()
        ]


def _beside(model: str, file: str) -> dict[str, Any]:
    """A file beside a bundled model's weights; empty where there is none."""
    info = info_of(model)
    return {} if guest.is_pinned(info.name) else _read(info.name, file)


@functools.cache
def _read(name: str, file: str) -> dict[str, Any]:
    path = manifest.FOLDER / name / file
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
