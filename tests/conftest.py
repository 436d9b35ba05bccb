"""What every test runs under."""

from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.postgres"]


@pytest.fixture(scope="session", autouse=True)
def _gradio_keeps_to_itself(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Gradio's files go to a folder of the tests', and it calls nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        yield


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Share the tests out for `pytest -n`: each file in one process, and all of the browser's in one, begun first.

    Two browsers would wait for each other, and what takes longest must not begin last.
    """
    items.sort(key=lambda item: item.path.parent.name != "ui")
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group("ui" if folder == "ui" else f"{folder}/{item.path.name}"))
