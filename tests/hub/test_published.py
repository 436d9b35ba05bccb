"""What was published loads from a real server by commit, tag and branch, and nothing wrong ever does."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.errors import WeightsError
from models.gan.dcgan import Generator
from models.hub import loading, manifest, publish
from models.pretrained import Pretrained
from tests.support.servers.hub_server import Hub

KERNEL = "layers.0.weight"


def same(a: Pretrained, b: Pretrained) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.fixture
def nobody_answers(server: Hub) -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"http://127.0.0.1:{closed.getsockname()[1]}"


@pytest.mark.parametrize("by", ["commit", "tag", "branch"])
def test_a_model_loads_by(by: str, server: Hub, published: Path, repo_id: str):
    revision = {"commit": server.commit(repo_id, tag="v1"), "tag": "v1", "branch": "main"}[by]
    assert same(Generator.from_pretrained(repo_id, revision=revision), loading.load("mnist-dcgan", source="bundled"))


def test_the_pinned_commit_stays_what_it_was(server: Hub, published: Path, repo_id: str, weights: Path):
    first = server.commit(repo_id)
    shutil.copyfile(published / "snapshots" / "step-000000.safetensors", published / "model.safetensors")
    server.commit(repo_id)
    publish.record("mnist-dcgan", repo_id, first, folder=weights)
    location = loading.locate("mnist-dcgan", folder=weights)
    assert (location.source, location.notice) == ("hub", None)
    untrained = Generator.from_pretrained(repo_id)
    assert same(loading.load("mnist-dcgan", folder=weights), loading.load("mnist-dcgan", source="bundled"))
    assert not same(untrained, loading.load("mnist-dcgan", source="bundled"))


def test_a_second_load_needs_no_server(
    server: Hub, published: Path, repo_id: str, weights: Path, use: Callable[[str], None], nobody_answers: str
):
    publish.record("mnist-dcgan", repo_id, server.commit(repo_id), folder=weights)
    loading.load("mnist-dcgan", step=500, source="hub", folder=weights)
    use(nobody_answers)
    loading.load("mnist-dcgan", step=500, source="hub", folder=weights)
    with pytest.raises(WeightsError, match="could not be downloaded from the Hub"):
        loading.load("mnist-dcgan", step=1000, source="hub", folder=weights)


def test_a_server_that_is_gone_means_bundled_and_a_notice(
    server: Hub, published: Path, repo_id: str, weights: Path, use: Callable[[str], None], nobody_answers: str
):
    publish.record("mnist-dcgan", repo_id, server.commit(repo_id), folder=weights)
    use(nobody_answers)
    location = loading.locate("mnist-dcgan", folder=weights)
    assert location.source == "bundled"
    assert str(location.notice).endswith("The bundled copy is used instead.")


def replace_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    state = load_file(folder / "model.safetensors")
    change(state)
    save_file(state, folder / "model.safetensors")


def truncate(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])


def huge_header(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes((2**63).to_bytes(8, "little") + path.read_bytes()[8:])


def pickle_inside(folder: Path) -> None:
    torch.save(Generator().state_dict(), folder / "model.safetensors")


def pickle_instead(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save(Generator().state_dict(), folder / "pytorch_model.bin")


def renamed(state: dict[str, torch.Tensor]) -> None:
    state["layers.0.kernel"] = state.pop(KERNEL)


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "truncated": (truncate, "is damaged: its header promises"),
    "renamed key": (lambda f: replace_weights(f, renamed), f"lacks key '{KERNEL}'"),
    "wrong shape": (
        lambda f: replace_weights(f, lambda s: s.update({KERNEL: s[KERNEL][:, :1].clone()})),
        f"'{KERNEL}' has shape [44, 1, 4, 4]",
    ),
    "float64": (lambda f: replace_weights(f, lambda s: s.update({KERNEL: s[KERNEL].double()})), f"'{KERNEL}' is F64"),
    "header of 2^63 bytes": (huge_header, "a header of 9223372036854775808 bytes is out of bounds"),
    "a pickle inside": (pickle_inside, "a pickle by its content"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(fault: str, server: Hub, published: Path, repo_id: str):
    spoil, expected = FAULTS[fault]
    spoil(published)
    revision = server.commit(repo_id)
    with pytest.raises(WeightsError) as refused:
        Generator.from_pretrained(repo_id, revision=revision)
    assert expected in str(refused.value)


@pytest.mark.parametrize("fault", [*FAULTS, "another digest", "a pickle instead"])
def test_a_fault_in_the_pinned_repository_means_bundled(
    fault: str, server: Hub, published: Path, repo_id: str, weights: Path
):
    others = {
        "another digest": lambda f: replace_weights(f, lambda s: s[KERNEL].add_(1)),
        "a pickle instead": pickle_instead,
    }
    (others[fault] if fault in others else FAULTS[fault][0])(published)
    publish.record("mnist-dcgan", repo_id, server.commit(repo_id), folder=weights)
    with pytest.raises(WeightsError):
        loading.load("mnist-dcgan", source="hub", folder=weights)
    location = loading.locate("mnist-dcgan", folder=weights)
    assert location.source == "bundled"
    assert location.notice is not None
    assert same(loading.load("mnist-dcgan", folder=weights), loading.load("mnist-dcgan", source="bundled"))


def test_a_pickle_instead_is_not_even_downloaded(server: Hub, published: Path, repo_id: str, tmp_path: Path):
    pickle_instead(published)
    server.commit(repo_id)
    with pytest.raises(Exception, match=r"404|401|Not Found|not found"):
        Generator.from_pretrained(repo_id)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix == ".bin"]


def test_this_server_does_not_take_uploads_and_the_manifest_stays(
    server: Hub, published: Path, repo_id: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("huggingface_hub.ModelCard.validate", lambda self: None)  # its address is fixed, and elsewhere
    before = (manifest.FOLDER / manifest.MANIFEST).read_bytes()
    with pytest.raises(publish.PublishError, match="did not take"):
        publish.upload(published, repo_id)
    assert (manifest.FOLDER / manifest.MANIFEST).read_bytes() == before


def test_the_config_of_another_architecture_is_refused(server: Hub, published: Path, repo_id: str):
    (published / "config.json").write_text(json.dumps({"architecture": "vgg19"}))
    server.commit(repo_id)
    with pytest.raises(WeightsError, match="names the architecture 'vgg19'"):
        Generator.from_pretrained(repo_id)
