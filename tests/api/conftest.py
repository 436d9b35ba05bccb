"""The real app, asked by Gradio's own client."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gradio_client import Client

from tests.support.app_server import AppProcess, app_process, connected

METRICS = "metrics-of-these-tests"


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppProcess]:
    """The app that the tests of this folder share; it can be killed and started again with the same files."""
    with app_process(tmp_path_factory.mktemp("app"), environment={"JUST_LOOK_METRICS_TOKEN": METRICS}) as app:
        yield app


@pytest.fixture(scope="session")
def app_url(app: AppProcess) -> str:
    return app.url


@pytest.fixture
def client(app_url: str, tmp_path: Path) -> Client:
    return connected(app_url, download_files=str(tmp_path))
