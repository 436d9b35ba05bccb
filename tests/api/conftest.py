"""The real app, asked by Gradio's own client."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from gradio_client import Client

from tests.support.app_server import connected, free_port, running_app

METRICS = "metrics-of-these-tests"


class App:
    """The app that the tests of this folder share; it can be killed and started again with the same files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._port = free_port()
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        self.url = self._running.enter_context(
            running_app(self.folder, port=self._port, environment={"JUST_LOOK_METRICS_TOKEN": METRICS})
        )

    def kill(self) -> None:
        self._running.close()


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
