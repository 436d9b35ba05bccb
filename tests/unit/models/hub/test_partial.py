"""Some tensors of a large remote file become a slim one, whatever the server does, or nothing does."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tomlkit
import torch
from huggingface_hub import constants
from safetensors.torch import save

from models import checkpoint
from models.errors import WeightsError
from models.gan.dcgan import Generator
from models.hub import http_ranges, loading, manifest, partial
from models.hub.http_ranges import RangeIgnoredError
from models.hub.manifest import Entry
from models.hub.registry import network_class
from tests.support.servers.range_server import (
    REVISION,
    Request,
    Server,
    compress,
    cut,
    fail,
    grow,
    honour,
    ignore,
    refuse,
    send_more,
    shift,
)

CONFIG = {"z_dim": 64, "width": 16, "channels": 1, "size": 8}
RENAMED = {  # here -> there; the rest are constants
    "layers.0.weight": "stem.weight",
    "layers.1.weight": "stem.norm",
    "layers.1.num_batches_tracked": "stem.count",
}
BESIDE = 3 * partial.GAP  # elements of what the large file holds besides


def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {key: tensor.contiguous() for key, tensor in Generator(**CONFIG).state_dict().items()}


def large_file() -> bytes:
    wanted = {there: state()[here] for here, there in RENAMED.items()}
    return save({**wanted, "head.weight": torch.ones(BESIDE), "stem.middle": torch.ones(BESIDE)})


def entry(**partial: object) -> Entry:
    given = {key: value.tolist() for key, value in state().items() if key not in RENAMED}
    tensors = {here: {"key": there} for here, there in RENAMED.items()}
    return Entry.model_validate(
        {
            "title": "Slim",
            "architecture": "dcgan-generator",
            "config": CONFIG,
            "origin": "a test",
            "licence": "mit",
            "command": "pytest",
            "partial": {"repo_id": "org/large", "tensors": tensors, "constants": given, **partial},
        }
    )


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(large_file()) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        endpoint = server.url.partition("/org")[0]
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_ASSETS_CACHE", str(tmp_path / "assets"))
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "slim" / "model.safetensors"


def loaded(path: Path) -> dict[str, torch.Tensor]:
    return checkpoint.load(Generator, CONFIG, path).state_dict()


def test_the_wanted_tensors_arrive_and_the_rest_stays(server: Server, target: Path):
    partial.download(server.url, "slim", entry(), target)
    assert all(torch.equal(loaded(target)[key], tensor) for key, tensor in state().items())
    fetched = sum(end - start for start, end in server.requests)
    assert fetched < len(server.content) / 10


def test_a_long_tensor_comes_in_pieces(server: Server, target: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http_ranges, "PIECE", 50)
    partial.download(server.url, "slim", entry(), target)
    assert max(end - start for start, end in server.requests) == 50
    assert torch.equal(loaded(target)["layers.0.weight"], state()["layers.0.weight"])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ignore, r"ignores Range and would send all \d+ bytes"),
        (cut, "broke off at byte"),
        (send_more, "broke off|sends more than"),
        (shift, "was asked for the bytes 0-0 and answers with 'bytes 1-1/"),
        (grow, "bytes and now states"),
        (compress, "comes compressed"),
        (refuse, "can't be had: status 404"),
        (fail, "status 503"),
    ],
)
def test_a_server_that_misbehaves_gets_a_clear_error_and_leaves_no_weights(
    server: Server, target: Path, answer: Callable[[Request, int, int], None], expected: str
):
    server.answer = answer
    with pytest.raises(WeightsError, match=expected):
        partial.download(server.url, "slim", entry(), target)
    assert not target.exists()


def test_a_server_that_is_gone_gets_a_clear_error(server: Server, target: Path):
    server.shutdown()
    server.server_close()
    with pytest.raises(WeightsError, match="broke off at byte 0"):
        partial.download(server.url, "slim", entry(), target)


def test_a_whole_file_is_read_once_where_that_is_allowed(server: Server, target: Path):
    server.answer = ignore
    with pytest.raises(RangeIgnoredError):
        partial.download(server.url, "slim", entry(), target)
    server.requests.clear()
    partial.download(server.url, "slim", entry(), target, whole=True)
    assert all(torch.equal(loaded(target)[key], tensor) for key, tensor in state().items())
    assert len(server.requests) == 5  # with Range, for the size, for the header twice, for all the tensors at once


def test_a_connection_that_breaks_once_is_taken_up_where_it_broke(server: Server, target: Path):
    broken: list[tuple[int, int]] = []

    def break_once(request: Request, start: int, end: int) -> None:
        if end - start > 1000 and not broken:
            broken.append((start, end))
            cut(request, start, end)
        else:
            honour(request, start, end)

    server.answer = break_once
    partial.download(server.url, "slim", entry(), target)
    assert torch.equal(loaded(target)["layers.0.weight"], state()["layers.0.weight"])
    start, end = broken[0]
    assert (start + (end - start) // 2, end) in server.requests


def recorded(server: Server, target: Path) -> Entry:
    digests = partial.download(server.url, "slim", entry(), target)
    tensors = {here: {"key": there, "sha256": digests[here]} for here, there in RENAMED.items()}
    return entry(revision=REVISION, tensors=tensors)


def test_a_changed_number_is_refused(server: Server, target: Path):
    known = recorded(server, target)
    target.unlink()
    changed = {there: state()[here] for here, there in RENAMED.items()}
    changed["stem.norm"] = changed["stem.norm"] + 1e-6
    server.content = save({**changed, "head.weight": torch.ones(BESIDE), "stem.middle": torch.ones(BESIDE)})
    with pytest.raises(WeightsError, match=r"'stem.norm' has sha256 .*, expected"):
        partial.download(server.url, "slim", known, target)
    assert list(target.parent.iterdir()) == []


def test_an_interrupted_download_keeps_what_was_good(server: Server, target: Path):
    known = recorded(server, target)
    target.rename(target.with_suffix(".unfinished"))
    server.requests.clear()
    partial.download(server.url, "slim", known, target)
    assert max(end - start for start, end in server.requests) == len(json_header(server.content))


def header_length(path: Path) -> int:
    return len(json_header(path.read_bytes()))


def json_header(content: bytes) -> bytes:
    return content[8 : 8 + int.from_bytes(content[:8], "little")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"12345678", "a header of"),
        ((2**63).to_bytes(8, "little") + b"{}", "a header of 9223372036854775808 bytes"),
        (
            save({"stem.weight": torch.zeros(1)}),
            r"'stem.weight' is F32 \[1\], expected F16 or BF16 or F32 \[64, 16, 4, 4\]",
        ),
        (save({"other": torch.zeros(1)}), "lacks key 'stem.weight'"),
        (large_file()[:2000], "which can't be"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(server: Server, target: Path, content: bytes, expected: str):
    server.content = content
    with pytest.raises(WeightsError, match=expected):
        partial.download(server.url, "slim", entry(), target)
    assert not target.exists()


def test_what_nobody_recorded_is_not_loaded(server: Server):
    with pytest.raises(WeightsError, match="not verified here: look at org/large on the Hub, then run"):
        partial.fetch("slim", entry())
    assert server.requests == []


def test_recording_once_is_enough(server: Server, tmp_path: Path):
    weights = tmp_path / "weights"
    weights.mkdir()
    document = {"slim": entry().model_dump(exclude_none=True, exclude={"files"})}
    (weights / manifest.MANIFEST).write_text(tomlkit.dumps(document))

    assert partial.record("slim", folder=weights) == REVISION
    server.requests.clear()
    location = loading.locate("slim", folder=weights)

    assert location.source == "hub"
    assert server.requests == []
    assert torch.equal(loaded(location.path)["layers.0.weight"], state()["layers.0.weight"])
    for place in (20, location.path.stat().st_size - 20, header_length(location.path) + 100):
        with location.path.open("r+b") as file:
            file.seek(place)
            file.write(b"damage")
        with pytest.raises(WeightsError, match="was damaged and is removed"):
            loading.locate("slim", folder=weights)
        loading.locate("slim", folder=weights)
    with pytest.raises(WeightsError, match="is not bundled"):
        loading.locate("slim", source="bundled", folder=weights)


def test_the_bundled_manifest_names_torchvisions_vgg_and_says_it_is_not_verified(capsys: pytest.CaptureFixture[str]):
    partial = loading.entries()["vgg19-torchvision"].partial
    assert partial is not None
    assert not partial.recorded
    with torch.device("meta"):
        expected = network_class("vgg19")().state_dict()
    assert {*partial.tensors, *partial.constants} == {*expected}
    shapes = {key: list(torch.tensor(value).shape) for key, value in partial.constants.items()}
    assert shapes == {key: list(expected[key].shape) for key in partial.constants}
