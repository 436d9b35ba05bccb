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
