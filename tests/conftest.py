"""Settings of all tests: the folder of Gradio, and the order and distribution of the tests."""

from collections.abc import Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.support.postgres"]


@pytest.fixture(scope="session", autouse=True)
def _isolated_gradio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gradio writes into a temporary folder and sends no analytics."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        yield


class _OneProcessPerFile(LoadScopeScheduling):
    """With `pytest -n`, each file runs in one process, and all browser tests in one: two browsers block each other."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/ui" if nodeid.startswith("tests/ui/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _OneProcessPerFile:
    config.option.loadscopereorder = False
    return _OneProcessPerFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests first, because they take longest."""
    items.sort(key=lambda item: item.path.parent.name != "ui")
