"""What several files of unit tests share."""

from collections.abc import Iterator

import pytest
import torch
from PIL import Image

from assets import samples
from evaluation.qualitative.store.store import Store
from media import images
from models.style import loss
from serving.local import LocalEngine


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store of votes, on SQLite and on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss of a painting in float32, also where the processor is quick in bfloat16: for exact comparisons."""
    monkeypatch.setattr(loss, "training_autocast", lambda device: torch.autocast(device.type, enabled=False))


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    """The engine of the app, one for each file."""
    return LocalEngine()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A small photograph with a subject."""
    return images.read(next(p.path for p in samples.photos() if "astronaut" in p.path), max_side=96)


@pytest.fixture(scope="module")
def paintings() -> list[Image.Image]:
    """Two small paintings."""
    return [images.read(sample.path, max_side=64) for sample in samples.paintings()[:2]]
