"""Settings of all tests: the folder of Gradio, and the order and distribution of the tests."""

from collections.abc import Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.support.postgres"]


@pytest.fixture(scope="session", autouse=True)
def _isolated_gradio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gradio writes into a temporary folder and sends no analytics; Paint begins small, with no measurement."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("JUST_LOOK_SIDE", "384")
        yield


class _OneProcessPerFile(LoadScopeScheduling):
    """With `pytest -n`, each file runs in one process, and so does each folder of browser tests."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file.rpartition("/")[0] if file.startswith("tests/ui/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _OneProcessPerFile:
    config.option.loadscopereorder = False
    return _OneProcessPerFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests first, because they take longest."""
    items.sort(key=lambda item: "ui" not in item.path.parts)
