"""The tests of the API, asked of an app whose networks are in replicas on a real local Ray cluster."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from gradio_client import Client

from tests.api import test_exploring, test_recipes, test_sampler, test_style_actions
from tests.api.test_recipes import drawn
from tests.support.app_server import PATIENCE_S, connected, running_app
from tests.support.own_ray import own_ray

TOO_LONG = {"test_every_generator_draws_and_moves_at_every_snapshot"}  # a hundred calls
FIXTURES = [drawn]  # of these tests, beside `client`

for module in (test_exploring, test_recipes, test_sampler, test_style_actions):
    tests = {name: value for name, value in vars(module).items() if name.startswith("test_")}
    globals().update({name: test for name, test in tests.items() if name not in TOO_LONG})


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = {"JUST_LOOK_ENGINE": "cluster", "JUST_LOOK_REPLICAS": "1-2"}
    with (
        own_ray() as ray,
        running_app(tmp_path_factory.mktemp("app"), environment={**environment, **ray}) as url,
    ):
        yield url


@pytest.fixture
def client(app_url: str, tmp_path: Path) -> Client:
    return connected(app_url, download_files=str(tmp_path))


def test_the_app_is_ready_when_its_replicas_are(app_url: str):
    states = httpx.get(f"{app_url}/readyz", timeout=PATIENCE_S).json()

    assert {"votes", "weights"} <= states.keys()
    assert set(states.values()) == {"ok"}


def test_the_pages_process_never_loaded_torch_and_the_replicas_did(client: Client, app_url: str):
    client.predict(7, 6, 1, api_name="/sample")

    apps = [child for child in psutil.Process().children() if "app.py" in child.cmdline()]
    (app,) = (each for each in apps if app_url.endswith(f":{each.environ()['GRADIO_SERVER_PORT']}"))
    replicas = [p for p in app.children(recursive=True) if "ServeReplica:just-look:" in " ".join(p.cmdline())]
    assert replicas
    assert all(loaded(replica, "torch") for replica in replicas)
    assert loaded(app, "PIL")
    assert not loaded(app, "torch")


def loaded(process: psutil.Process, package: str) -> bool:
    """Whether a compiled part of a package is in the memory of a process."""
    return any(f"/{package}/" in part.path for part in process.memory_maps())
