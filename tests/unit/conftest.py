"""Fixtures that several files of unit tests use."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from PIL import Image

from assets import samples
from evaluation.qualitative.store.store import Store
from media import images
from models.style import loss
from serving.local import LocalEngine


@pytest.fixture(autouse=True)
def _own_thread_for_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """`asyncio.run` in a thread: in a process that ran browser tests, Playwright keeps a loop in the main one."""
    run = asyncio.run

    def elsewhere(coroutine: Coroutine[Any, Any, Any]) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run, coroutine).result()

    monkeypatch.setattr(asyncio, "run", elsewhere)


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
