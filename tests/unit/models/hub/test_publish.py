"""What is published is checked before anything leaves the machine."""

import shutil
import socket
import sys
from pathlib import Path

import pytest
from huggingface_hub import constants

from models.errors import WeightsError
from models.gan.dcgan import Generator
from models.hub import loading, manifest, publish
from models.hub.publish import PublishError
from models.hub.registry import network_class

REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A copy of the bundled weights of one model."""
    folder = tmp_path / "weights"
    shutil.copytree(manifest.FOLDER / "mnist-dcgan", folder / "mnist-dcgan")
    shutil.copyfile(manifest.FOLDER / manifest.MANIFEST, folder / manifest.MANIFEST)
    return folder


@pytest.mark.parametrize("name", [name for name, entry in loading.entries().items() if entry.files])
def test_every_bundled_model_could_be_published(name: str, tmp_path: Path):
    built = publish.build(name, f"org/{name}", tmp_path / name)
    entry = loading.entries()[name]
    card = (built / "README.md").read_text()
    if not entry.is_graph:
        network = network_class(entry.architecture).from_pretrained(built)
        assert network.config["architecture"] == entry.architecture
        assert f'from_pretrained("org/{name}")' in card
    assert f'"weights/{name}"' not in card
    assert {path.name for path in built.iterdir()} == {path.name for path in (manifest.FOLDER / name).iterdir()}


def test_what_was_built_before_does_not_stay(weights: Path, tmp_path: Path):
    target = tmp_path / "built"
    target.mkdir()
    (target / "old.safetensors").write_bytes(b"")
    publish.build("mnist-dcgan", "org/name", target, folder=weights)
    assert not (target / "old.safetensors").exists()


@pytest.mark.parametrize("repo_id", ["name", "org/a--b", "org/a/b", "org/", "org/a b", "-/-"])
def test_a_wrong_name_is_refused(weights: Path, tmp_path: Path, repo_id: str):
    with pytest.raises(PublishError, match="name"):
        publish.build("mnist-dcgan", repo_id, tmp_path / "built", folder=weights)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("license: apache-2.0\n", "", "lacks license"),
        ("library_name: pytorch\n", "", "lacks library_name"),
        ("pipeline_tag: unconditional-image-generation\n", "", "lacks pipeline_tag"),
        ("datasets:\n", "datasets: [\n", "the metadata is not valid"),
        ("(samples.png)", "(sample.png)", "points to sample.png, which is not there"),
        ("  results:\n", "  results: 3\n  others:\n", "not valid"),
    ],
)
def test_a_card_with_a_fault_is_refused(weights: Path, tmp_path: Path, old: str, new: str, expected: str):
    card = weights / "mnist-dcgan" / "README.md"
    assert old in card.read_text()
    card.write_text(card.read_text().replace(old, new, 1))
    with pytest.raises(PublishError, match=expected):
        publish.build("mnist-dcgan", "org/name", tmp_path / "built", folder=weights)


@pytest.mark.parametrize("stray", ["optimiser.pt", "notes.doc", ".env", "snapshots/step-000003.safetensors"])
def test_a_stray_file_is_not_published(weights: Path, tmp_path: Path, stray: str):
    (weights / "mnist-dcgan" / stray).write_bytes(b"secret")
    with pytest.raises(PublishError, match="neither in the manifest nor a picture or log"):
        publish.build("mnist-dcgan", "org/name", tmp_path / "built", folder=weights)


def test_weights_that_are_not_the_manifests_are_not_published(weights: Path, tmp_path: Path):
    Generator().save_pretrained(weights / "mnist-dcgan")
    with pytest.raises(WeightsError, match="expected"):
        publish.build("mnist-dcgan", "org/name", tmp_path / "built", folder=weights)


def test_somebody_elses_model_is_not_published(tmp_path: Path):
    with pytest.raises(PublishError, match="belongs to somebody else"):
        publish.build("vgg19-torchvision", "org/name", tmp_path / "built")


def test_the_revision_goes_into_the_manifest(weights: Path):
    before = manifest.read(weights)
    publish.record("mnist-dcgan", "org/name", REVISION, folder=weights)
    publish.record("mnist-dcgan", "org/name", REVISION[::-1], folder=weights)  # published again
    after = manifest.read(weights)
    entry = after["mnist-dcgan"]
    assert (entry.repo_id, entry.revision) == ("org/name", REVISION[::-1])
    assert entry.files == before["mnist-dcgan"].files
    assert {**after, "mnist-dcgan": before["mnist-dcgan"]} == before
    assert "# The bundled weights." in (weights / manifest.MANIFEST).read_text()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["publish", *arguments])
    return publish.main()


def test_the_dry_run_builds_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    assert run(monkeypatch, "--repo-id", "org/{name}", "--dry-run", "--out", str(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()
    bundled = [name for name, entry in loading.entries().items() if entry.files]
    assert [line.split(":")[0] for line in lines] == bundled
    assert {path.name for path in tmp_path.iterdir()} == {*bundled}


def test_two_models_in_one_repository_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    assert run(monkeypatch, "--repo-id", "org/all", "--dry-run") == 1
    assert "need a repository each: --repo-id org/all-{name}" in capsys.readouterr().err


def test_a_hub_that_is_gone_leaves_the_manifest_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setattr("huggingface_hub.repocard.get_session", lambda: _Refusing())
    before = (manifest.FOLDER / manifest.MANIFEST).read_bytes()
    assert run(monkeypatch, "mnist-dcgan", "--repo-id", "org/name", "--out", str(tmp_path)) == 1
    assert "did not take org/name" in capsys.readouterr().err
    assert (manifest.FOLDER / manifest.MANIFEST).read_bytes() == before


class _Refusing:
    """The card's validator has a fixed address, which a test must not call."""

    def post(self, *args: object, **kwargs: object) -> None:
        raise ConnectionError("no network in tests")
