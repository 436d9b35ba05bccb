"""Generators of visitors, kept for a while: what live training has learned, and files that were saved of it.

A file is a safetensors file of one of our architectures whose metadata holds its configuration. It is checked as a
generator from the Hub is, before anything is built from it.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cachetools import LRUCache

from models import checkpoint, device
from models.errors import WeightsError
from models.gan import sagan
from models.gan.generators import ARCHITECTURES, Generator
from models.hub import guest
from models.layout import WEIGHTS
from serving.engine.errors import EngineError, raised_as_engine_error
from serving.engine.sampling import OWN, GeneratorInfo

STEP = 0  # a generator from a file has one snapshot
MOST_BYTES = 8 * 2**20  # of a file
ROOM = 64 * 2**20  # bytes of all files; a network takes twice as much
MOST = 32  # files
GONE = "This generator is not kept any more. Open its file again, or train a new one."


@dataclass(frozen=True)
class _Own:
    info: GeneratorInfo
    content: bytes
    network: Generator


_lock = threading.Lock()
_kept: LRUCache[str, _Own] = LRUCache(ROOM, getsizeof=lambda own: max(len(own.content), ROOM // MOST))


def is_own(name: str) -> bool:
    """Whether a generator's name is one that `keep` gives."""
    return name.startswith(OWN)


def keep(content: bytes, *, title: str) -> GeneratorInfo:
    """Keep a generator under a name that nobody can guess; the one used longest ago makes room.

    Raises:
        EngineError: the file is too large, damaged, or something else.
    """
    if len(content) > MOST_BYTES:
        raise EngineError(f"This file has {len(content):,} bytes; {MOST_BYTES:,} are allowed.")
    with raised_as_engine_error(WeightsError, opening="This file can't be used: "):
        network = _load(content)
    attends = isinstance(network, sagan.Generator)
    name = f"{OWN}{secrets.token_urlsafe(18)}"
    info = GeneratorInfo(name, title, network.z_dim, network.size, (STEP,), attends=attends)
    with _lock:
        _kept[name] = _Own(info, content, network)
    return info


def info(name: str) -> GeneratorInfo:
    """Its description.

    Raises:
        EngineError: it is not kept any more.
    """
    return _get(name).info


def network(name: str) -> Generator:
    """The network itself; it raises what `info` does."""
    return _get(name).network


def content(name: str) -> bytes:
    """The file; it raises what `info` does."""
    return _get(name).content


def forget(name: str) -> None:
    """Forget it, if it is still kept."""
    with _lock:
        _kept.pop(name, None)


def _get(name: str) -> _Own:
    with _lock:
        own = _kept.get(name)
    if own is None:
        raise EngineError(GONE)
    return own


def _load(content: bytes) -> Generator:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / WEIGHTS
        path.write_bytes(content)
        try:
            config = _config(path)
            architecture = config.pop("architecture", None)
            if not isinstance(architecture, str) or architecture not in ARCHITECTURES:
                known = ", ".join(ARCHITECTURES)
                raise WeightsError(f"it names the architecture {architecture!r:.60}; known are: {known}")
            guest.check_config("its metadata", architecture, config)
            return checkpoint.load(ARCHITECTURES[architecture], config, path, device=device.choose())
        except WeightsError as error:
            raise WeightsError(str(error).replace(str(path), "it")) from None


def _config(path: Path) -> dict[str, Any]:
    """The configuration in a file's metadata."""
    try:
        config = json.loads(checkpoint.metadata(path)["config"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, WeightsError):
            raise
        config = None
    if not isinstance(config, dict):
        raise WeightsError("it does not say which generator it holds: open a file that was saved on this page")
    return config
