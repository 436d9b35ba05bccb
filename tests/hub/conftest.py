"""A real Hub-compatible server (olah) on 127.0.0.1, serving git repositories that these tests write."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

from models.hub import manifest, publish
from tests.support.servers.hub_server import Hub


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One server for all tests; each writes repositories of its own."""
    hub = Hub(tmp_path_factory.mktemp("hub"))
    hub.start()
    yield hub
    hub.stop()


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Point huggingface_hub at an address, with an empty cache."""

    def point(url: str) -> None:
        monkeypatch.setattr(constants, "ENDPOINT", url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setenv("JUST_LOOK_HUB", "1")

    return point


@pytest.fixture
def repo_id(request: pytest.FixtureRequest) -> str:
    """A name that no other test has."""
    return f"org/{abs(hash(request.node.nodeid)):x}"


@pytest.fixture
def published(server: Hub, repo_id: str, use: Callable[[str], None]) -> Path:
    """The repository that `publish --dry-run` builds from the bundled generator; not committed yet."""
    use(server.url)
    return publish.build("mnist-dcgan", repo_id, server.repository(repo_id))


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A weights folder of its own, with the bundled generator."""
    folder = tmp_path / "weights"
    shutil.copytree(manifest.FOLDER / "mnist-dcgan", folder / "mnist-dcgan")
    shutil.copyfile(manifest.FOLDER / manifest.MANIFEST, folder / manifest.MANIFEST)
    return folder
