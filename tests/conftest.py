"""What every test runs under."""

from collections.abc import Iterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.support.postgres"]


@pytest.fixture(scope="session", autouse=True)
def _gradio_keeps_to_itself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gradio's files go to a folder of the tests', and it calls nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        yield


class _Shares(LoadScopeScheduling):
    """Each file in one process of `pytest -n`, and all of the browser's in one: two browsers wait for each other."""

    def _split_scope(self, nodeid: str) -> str:
        return "tests/ui" if nodeid.startswith("tests/ui/") else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _Shares:
    config.option.loadscopereorder = False
    return _Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser: what takes longest must not begin last."""
    items.sort(key=lambda item: item.path.parent.name != "ui")
