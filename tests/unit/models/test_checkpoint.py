"""A file that is not exactly what a module needs is refused, before its tensors are read."""

import io
import json
import os
import pickle
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from models import checkpoint
from models.checkpoint import MAX_HEADER
from models.errors import WeightsError
from models.gan.dcgan import Generator

CONFIG = {"z_dim": 2, "width": 1, "channels": 1, "size": 8, "modes": 0}
KERNEL = "layers.0.weight"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Generator(**CONFIG).save_pretrained(tmp_path)
    return tmp_path


def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return {key: tensor.contiguous() for key, tensor in Generator(**CONFIG).state_dict().items()}


def refusal(folder: Path) -> str:
    with pytest.raises(WeightsError) as refused:
        Generator.from_pretrained(folder)
    return str(refused.value)


def test_what_was_saved_is_loaded(folder: Path):
    torch.manual_seed(1)
    saved = Generator(**CONFIG)
    saved(torch.randn(8, 2))
    saved.save_pretrained(folder)

    loaded = Generator.from_pretrained(folder)

    assert loaded.config == {"architecture": "dcgan-generator", **CONFIG}
    assert not loaded.training
    for key, tensor in saved.state_dict().items():
        assert torch.equal(loaded.state_dict()[key], tensor), key


def test_batch_counters_stay_integers(folder: Path):
    loaded = Generator.from_pretrained(folder, dtype=torch.bfloat16)
    assert loaded.state_dict()["layers.1.num_batches_tracked"].dtype == torch.int64
    assert loaded.state_dict()[KERNEL].dtype == torch.bfloat16


def test_a_loaded_module_does_not_depend_on_its_file(folder: Path):
    loaded = Generator.from_pretrained(folder)
    before = loaded.state_dict()[KERNEL].clone()
    with (folder / "model.safetensors").open("r+b") as file:
        file.truncate(0)
    assert torch.equal(loaded.state_dict()[KERNEL], before)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s.pop(KERNEL), f"lacks key '{KERNEL}'"),
        (lambda s: s.update(surplus=torch.zeros(1)), "has the unknown key 'surplus'"),
        (lambda s: s.update({KERNEL: s[KERNEL].double()}), f"'{KERNEL}' is F64, expected F16 or BF16 or F32"),
        (lambda s: s.update({KERNEL: s[KERNEL].long()}), f"'{KERNEL}' is I64"),
        (lambda s: s.update({KERNEL: s[KERNEL].transpose(0, 2).contiguous()}), f"'{KERNEL}' has shape [4, 1, 2, 4]"),
        (lambda s: s.update({"layers.1.num_batches_tracked": torch.tensor(1.0)}), "is F32, expected I64"),
    ],
    ids=["missing", "unknown", "float64", "integer kernel", "shape", "fractional counter"],
)
def test_another_state_is_refused_by_the_key(folder: Path, change, expected: str):
    changed = state()
    change(changed)
    save_file(changed, folder / "model.safetensors")
    assert expected in refusal(folder)


def header(length: int, text: bytes = b"", rest: bytes = b"") -> bytes:
    return struct.pack("<Q", length) + text + rest


def tensors(**entries: object) -> bytes:
    text = json.dumps(entries).encode()
    return header(len(text), text)


def zipped_pickle() -> bytes:
    buffer = io.BytesIO()
    torch.save(state(), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "it has 0 bytes"),
        (b"1234567", "it has 7 bytes"),
        (header(0), "out of bounds"),
        (header(2**63), "a header of 9223372036854775808 bytes is out of bounds"),
        (header(2**64 - 1, b"{}"), "out of bounds"),
        (header(MAX_HEADER + 1, b" " * (MAX_HEADER + 1)), "out of bounds"),
        (header(500, b"{}"), "truncated"),
        (header(2, b"[]"), "damaged header"),
        (header(2, b"\xff\xfe"), "damaged header"),
        (header(100_000, b"[" * 100_000), "damaged header"),
        (tensors(), "lacks key"),
        (tensors(a=1), "damaged header"),
        (tensors(a={"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}), "damaged header"),
        (tensors(a={"dtype": "F32", "shape": [1], "data_offsets": [0]}), "damaged header"),
        (tensors(a={"dtype": "F32", "shape": [2**62], "data_offsets": [0, 2**64]}), "lacks key"),
        (zipped_pickle(), "a pickle by its content"),
        (pickle.dumps({KERNEL: [1.0]}, protocol=2), "a pickle by its content"),
        (pickle.dumps({KERNEL: [1.0]}, protocol=5), "a pickle by its content"),
    ],
)
def test_a_hostile_file_is_refused(folder: Path, content: bytes, expected: str):
    (folder / "model.safetensors").write_bytes(content)
    assert expected in refusal(folder)


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 1234\n"


def test_a_git_lfs_pointer_is_called_by_its_name(folder: Path):
    path = folder / "model.safetensors"
    path.write_bytes(POINTER)
    assert "is a Git LFS pointer and not the weights themselves: run `git lfs pull`" in refusal(folder)
    with pytest.raises(WeightsError, match="is a Git LFS pointer"):
        checkpoint.verify(path, sha256="0" * 64, size=1234)


@pytest.mark.parametrize("cut", [1, 8, 100])
def test_a_truncated_file_is_refused(folder: Path, cut: int):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-cut])
    assert "is damaged: its header promises" in refusal(folder)


def test_a_header_that_claims_a_huge_tensor_allocates_nothing(folder: Path):
    """The configuration asks for as much as the header: only the bytes that are there can tell."""
    config = {"z_dim": 2**40, "width": 2**10, "channels": 1, "size": 8}
    (folder / "config.json").write_text(json.dumps(config))
    with torch.device("meta"):
        huge = Generator(**config).state_dict()
    entries, at = {}, 0
    for key, tensor in huge.items():
        dtype = "F32" if tensor.is_floating_point() else "I64"
        entries[key] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [at, at := at + tensor.nbytes]}
    (folder / "model.safetensors").write_bytes(tensors(**entries) + bytes(64))
    assert "is damaged: its header promises" in refusal(folder)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("", "can't be read"),
        ("[" * 100_000, "can't be read"),
        ("[]", "must hold a JSON object, not list"),
        ('{"architecture": "vgg19"}', "names the architecture 'vgg19', Generator is 'dcgan-generator'"),
        ('{"depth": 3}', "can't be built"),
        ('{"size": 33}', "size must be a power of two"),
        ('{"width": -1}', "can't be built"),
        ('{"width": "wide"}', "can't be built"),
        ('{"width": 1e400}', "can't be built"),
        ('{"z_dim": 99999999999999999999999}', "can't be built"),
        ('{"z_dim": 3}', "has shape [2, 1, 4, 4], expected [3, 1, 4, 4]"),
    ],
)
def test_a_wrong_config_is_refused(folder: Path, config: str, expected: str):
    original = json.dumps(CONFIG)
    (folder / "config.json").write_text(
        config if "z_dim" not in config else original.replace('"z_dim": 2', config[1:-1])
    )
    assert expected in refusal(folder)


def test_a_folder_without_weights_is_refused(folder: Path):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(zipped_pickle())
    assert "model.safetensors can't be read: No such file" in refusal(folder)


SOUND = save(state(), metadata={"format": "pt"})
HEADER = 8 + int.from_bytes(SOUND[:8], "little")
WORDS = [b"F32", b"F16", b"F64", b"I64", b"BF16", b"[", b"]", b"0", b"9", b"-", b"{", b"}", b'"', b"layers.0", b"1e9"]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A sound file with a few bytes changed, put in, taken out or swapped for others of the format."""
    content = bytearray(SOUND)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.one_of(st.integers(0, 8), st.integers(8, HEADER), st.integers(0, len(SOUND))))
        piece = draw(st.one_of(st.sampled_from(WORDS), st.binary(max_size=12)))
        content[at : at + draw(st.sampled_from([0, 1, len(piece), 40]))] = piece
    return bytes(content[: draw(st.one_of(st.none(), st.integers(0, len(content))))])


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutations())
def test_a_mutated_file_gives_a_complete_module_or_a_refusal(folder: Path, content: bytes):
    (folder / "model.safetensors").write_bytes(content)
    try:
        module = Generator.from_pretrained(folder)
    except WeightsError:
        return
    values = module.state_dict()
    assert {key: tensor.shape for key, tensor in values.items()} == {key: t.shape for key, t in state().items()}
    assert {tensor.device.type for tensor in values.values()} == {"cpu"}
    assert module(torch.zeros(1, 2)).shape == (1, 1, 8, 8)


@pytest.mark.parametrize("stored", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_tensors_longer_than_a_piece_are_loaded_whole(tmp_path: Path, stored: torch.dtype, dtype: torch.dtype):
    numbers = torch.randn(3, checkpoint.PIECE // 2 + 7, generator=torch.Generator().manual_seed(0)).to(stored)
    save_file({"weight": numbers, "bias": numbers[:, 0].clone()}, tmp_path / "model.safetensors")
    config = {"in_features": numbers.shape[1], "out_features": 3}
    loaded = checkpoint.load(torch.nn.Linear, config, tmp_path / "model.safetensors", dtype=dtype)
    assert torch.equal(loaded.weight, numbers.to(dtype))
    assert torch.equal(loaded.bias, numbers[:, 0].to(dtype))


def test_a_file_that_shrinks_while_it_is_read_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch):
    check, path = checkpoint.check, folder / "model.safetensors"

    def then_shrink(*arguments: Any) -> Any:
        checked = check(*arguments)
        os.truncate(path, path.stat().st_size - 5)
        return checked

    monkeypatch.setattr(checkpoint, "check", then_shrink)
    assert "it ends within" in refusal(folder)
