"""The real app, asked by Gradio's own client."""

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from gradio_client import Client

from tests.support.app_server import connected, free_port, start_app

METRICS = "metrics-of-these-tests"


class App:
    """The app that the tests of this folder share; it can be killed and started again with the same files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self.start()

    def start(self) -> None:
        self._app = start_app(self.folder, port=self._port, environment={"JUST_LOOK_METRICS_TOKEN": METRICS})
        self.url, self.process = self._app.url, psutil.Process(self._app.process.pid)

    def kill(self) -> None:
        self._app.kill()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("app"))
    yield app
    app.kill()


@pytest.fixture(scope="session")
def app_url(app: App) -> str:
    return app.url


@pytest.fixture
def client(app_url: str, tmp_path: Path) -> Client:
    return connected(app_url, download_files=str(tmp_path))
