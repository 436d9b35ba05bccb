"""The files of a model's folder or Hub repository: config.json, model.safetensors or model.tflite. Imports no torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from models.errors import WeightsError

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
GRAPH = "model.tflite"  # of a model that brings its own architecture


def read_config(path: Path) -> dict[str, Any]:
    """Read a config.json.

    Raises:
        WeightsError: it is missing or holds no JSON object.
    """
    try:
        config = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"{path} can't be read: {error}") from error
    if not isinstance(config, dict):
        raise WeightsError(f"{path} must hold a JSON object, not {type(config).__name__}")
    return config
