"""Weights come by name, verified, from the Hub or from the bundled copy, and it is said which."""

import hashlib
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants

from models.errors import WeightsError
from models.gan.dcgan import Generator
from models.hub import __main__ as hub
from models.hub import loading, manifest
from training import weights_folder

REVISION = "0123456789abcdef0123456789abcdef01234567"
CONFIG = {"z_dim": 4, "width": 2, "channels": 1, "size": 8}
ABOUT = weights_folder.About(
    title="Tiny", origin="a test", licence="apache-2.0", command="pytest", text="A tiny generator."
)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A weights folder with one generator and its snapshot, which also stands on the Hub."""
    folder = tmp_path / "weights"
    torch.manual_seed(0)
    states = {step: Generator(**CONFIG).state_dict() for step in (0, 5)}
    weights_folder.write("tiny", Generator(**CONFIG), states, ABOUT, folder=folder)
    path = folder / manifest.MANIFEST
    text = path.read_text().replace("command =", f'repo_id = "org/tiny"\nrevision = "{REVISION}"\ncommand =')
    path.write_text(text)
    return folder


class HubServer(ThreadingHTTPServer):
    """As much of the Hub as a download by commit needs."""

    daemon_threads = True

    def __init__(self, files: Path) -> None:
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.files = files
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class HubRequest(BaseHTTPRequestHandler):
    server: HubServer

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        path = self.server.files / self.path.removeprefix(f"/org/tiny/resolve/{REVISION}/")
        exists = path.is_file()
        content = path.read_bytes() if exists else b""
        self.send_response(200 if exists else 404)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, *args: object) -> None:
        pass


def use_endpoint(monkeypatch: pytest.MonkeyPatch, url: str, cache: Path) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("JUST_LOOK_HUB", "1")


@pytest.fixture
def server(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    files = shutil.copytree(weights / "tiny", tmp_path / "served")
    with HubServer(files) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        use_endpoint(monkeypatch, server.url, tmp_path / "cache")
        yield server
        server.shutdown()
        thread.join()


BUNDLED = [name for name, entry in loading.entries().items() if entry.files]


MODULES = [name for name in BUNDLED if not loading.entries()[name].is_graph]


@pytest.mark.parametrize("name", MODULES)
def test_every_bundled_model_loads_ready_to_use(name: str):
    for step in loading.entries()[name].steps or [None]:
        module = loading.load(name, step=step)
        assert not module.training
        assert not any(p.requires_grad for p in module.parameters())
        assert all(t.isfinite().all() for t in module.state_dict().values())


def test_a_step_chooses_its_snapshot(weights: Path):
    first, last = (loading.load("tiny", step=step, folder=weights).layers[0].weight for step in (0, 5))
    assert not torch.equal(first, last)
    assert torch.equal(loading.load("tiny", folder=weights).layers[0].weight, last)


def test_offline_is_the_default(weights: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("JUST_LOOK_HUB", raising=False)
    assert loading.locate("tiny", folder=weights) == (weights / "tiny" / "model.safetensors", "bundled", None)


def test_unknown_names_and_steps_say_what_there_is(weights: Path):
    with pytest.raises(WeightsError, match="no weights 'huge'; there are: tiny"):
        loading.load("huge", folder=weights)
    with pytest.raises(WeightsError, match="Tiny has no snapshot at step 3; there are: 0, 5"):
        loading.load("tiny", step=3, folder=weights)


def test_a_changed_file_is_refused_even_after_it_was_verified(weights: Path):
    path = loading.locate("tiny", folder=weights).path
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"has sha256 .* expected"):
        loading.load("tiny", folder=weights)
    path.write_bytes(content[:-1])
    with pytest.raises(WeightsError, match=r"bytes, expected \d+: fetch it again"):
        loading.load("tiny", folder=weights)
    path.unlink()
    with pytest.raises(WeightsError, match=r"model.safetensors can't be read: No such file"):
        loading.load("tiny", folder=weights)


def test_an_unchanged_file_is_hashed_once(weights: Path, monkeypatch: pytest.MonkeyPatch):
    loading.load("tiny", folder=weights)
    hashed = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *a: hashed.append(a) or digest(*a))
    loading.load("tiny", folder=weights)
    assert hashed == []
    loading.load("tiny", step=0, folder=weights)
    assert len(hashed) == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'architecture = "dcgan-generator"',
            'architecture = "os.system"',
            "tiny.architecture: .* must be one of vgg19",
        ),
        ('path = "model.safetensors"', 'path = "../model.safetensors"', "inside the model's folder"),
        ('path = "model.safetensors"', 'path = "/model.safetensors"', "inside the model's folder"),
        ('path = "model.safetensors"', 'path = "other.safetensors"', "must list model.safetensors once"),
        (f'revision = "{REVISION}"', 'revision = "main"', "tiny.revision"),
        (f'revision = "{REVISION}"\n', "", "repo_id and revision belong together"),
        ('sha256 = "', 'sha256 = "x', "tiny.files.0.sha256"),
        ("bytes = ", "size = ", "tiny.files.0.bytes: Field required"),
        ("title =", "title", "is no TOML"),
    ],
)
def test_a_wrong_manifest_names_the_key(weights: Path, old: str, new: str, expected: str):
    path = weights / manifest.MANIFEST
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(WeightsError, match=expected):
        loading.entries(folder=weights)


def test_the_hub_is_asked_where_it_is_allowed(weights: Path, server: HubServer):
    path, source, notice = loading.locate("tiny", folder=weights)
    assert (source, notice) == ("hub", None)
    assert path.read_bytes() == (weights / "tiny" / "model.safetensors").read_bytes()


def test_a_second_load_makes_no_request(weights: Path, server: HubServer):
    loading.load("tiny", step=0, source="hub", folder=weights)
    assert server.requests
    server.requests.clear()
    loading.load("tiny", step=0, source="hub", folder=weights)
    assert server.requests == []


def test_bundled_never_asks_the_hub(weights: Path, server: HubServer):
    assert loading.locate("tiny", source="bundled", folder=weights).source == "bundled"
    assert server.requests == []


def test_another_file_on_the_hub_is_refused_and_auto_says_so(weights: Path, server: HubServer):
    path = server.files / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(WeightsError, match="has sha256"):
        loading.load("tiny", source="hub", folder=weights)
    location = loading.locate("tiny", folder=weights)
    assert location.source == "bundled"
    assert location.notice is not None
    assert location.notice.endswith("The bundled copy is used instead.")


def test_a_file_that_is_not_on_the_hub_falls_back(weights: Path, server: HubServer):
    (server.files / "model.safetensors").unlink()
    assert loading.locate("tiny", folder=weights).source == "bundled"


def test_a_hub_that_is_gone_falls_back_with_a_notice(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    use_endpoint(monkeypatch, f"http://127.0.0.1:{port}", tmp_path / "cache")
    location = loading.locate("tiny", folder=weights)
    assert location.source == "bundled"
    assert "could not be downloaded from the Hub" in str(location.notice)
    with pytest.raises(WeightsError, match="could not be downloaded from the Hub"):
        loading.load("tiny", source="hub", folder=weights)


def test_a_hub_that_does_not_answer_falls_back_in_time(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading, "HUB_SECONDS", 0.2)
    answers: list[loading.Located] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        use_endpoint(monkeypatch, f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path / "cache")
        asking = threading.Thread(target=lambda: answers.append(loading.locate("tiny", folder=weights)), daemon=True)
        asking.start()
        asking.join(10)
    assert [answer.source for answer in answers] == ["bundled"]


def test_verify_notices_a_config_that_disagrees(weights: Path):
    loading.verify("tiny", folder=weights)
    config = weights / "tiny" / "config.json"
    config.write_text(config.read_text().replace('"z_dim": 4', '"z_dim": 8'))
    with pytest.raises(WeightsError, match=r"config.json and the manifest disagree"):
        loading.verify("tiny", folder=weights)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "models.hub", *arguments], cwd=manifest.FOLDER.parent, capture_output=True, text=True
    )


def test_the_command_verifies_every_bundled_model():
    done = command("verify")
    assert done.returncode == 0, done.stdout
    assert [line.split() for line in done.stdout.splitlines()] == [[name, "ok"] for name in BUNDLED]


def test_the_command_lists_and_finds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sys, "argv", ["hub", "list"])
    assert hub.main() == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(loading.entries())
    monkeypatch.setattr(sys, "argv", ["hub", "where", "vgg19"])
    assert hub.main() == 0
    assert capsys.readouterr().out == f"{manifest.FOLDER / 'vgg19' / 'model.safetensors'} (bundled)\n"


@pytest.mark.parametrize("arguments", [["where", "nothing"], ["pull", "vgg19"]])
def test_the_command_fails_in_one_sentence(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["hub", *arguments])
    assert hub.main() == 1
    assert len(capsys.readouterr().err.splitlines()) == 1
