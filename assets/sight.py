"""What the networks say about the first photos of See, stored by `training.import_sight`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from assets import samples
from assets.samples import Sample

PATH = Path(__file__).parent / "sight.json"
SIDE = 1536  # pixels of the photo at most, as of an upload
NAMES = ("dogs", "bee", "cat", "astronaut", "coffee", "bridge")  # of the photos to choose from, the first one first


def photos() -> list[Sample]:
    """The photos to choose from in Tasks."""
    by_name = {sample.name: sample for sample in samples.every_photo()}
    return [by_name[name] for name in NAMES]


def photo() -> Sample:
    """The photo that was looked at."""
    return photos()[0]


def stored() -> dict[str, Any]:
    """What they say: `tasks`, as `serving.engine.sight.Sight.from_json` takes it, and the guesses of `prepare`."""
    return json.loads(PATH.read_text(encoding="utf-8"))
