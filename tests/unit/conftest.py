"""Fixtures that several files of unit tests use."""

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
    """An empty vote store, on SQLite and on PostgreSQL."""
    store = Store(database_url)
    yield store
    store.close()


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute the painting loss in float32, also on processors with fast bfloat16, for exact comparisons."""
    monkeypatch.setattr(loss, "training_autocast", lambda device: torch.autocast(device.type, enabled=False))


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    """The engine of the app, shared by the tests of a file."""
    return LocalEngine()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A small photograph with a subject."""
    return images.read(next(sample.path for sample in samples.every_photo() if "astronaut" in sample.path), max_side=96)


@pytest.fixture(scope="module")
def paintings() -> list[Image.Image]:
    """Two small paintings."""
    return [images.read(sample.path, max_side=64) for sample in samples.paintings()[:2]]
