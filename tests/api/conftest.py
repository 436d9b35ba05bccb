"""The real app, asked by Gradio's own client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client

from tests.support.app_server import connected, running_app


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("app")) as url:
        yield url


@pytest.fixture
def client(app_url: str, tmp_path: Path) -> Client:
    return connected(app_url, download_files=str(tmp_path))
