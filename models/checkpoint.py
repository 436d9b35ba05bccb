"""Read a safetensors file into a module, trusting nothing in it: the header is checked before any tensor is read.

The format: https://huggingface.co/docs/safetensors. Eight bytes of header length, a JSON header, then the tensors.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Annotated, Any, TypeVar

import torch
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, TypeAdapter, ValidationError
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from models.errors import WeightsError

PIECE = 2**15 - 64  # numbers that a CPU converts at once: torch takes threads for 2**15
TRANSFER = 2**22  # numbers that go to another device at once, more than any tensor of VGG-19 has
MAX_HEADER = 2**20  # bytes; a thousand tensors need about a tenth of it
PICKLES = {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"}
FLOATS = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32}
INTEGERS = {"I64": torch.int64}
LFS_POINTER = b"version https://git-lfs"  # how the text begins that stands for a large file
POINTER = "a Git LFS pointer and not the weights themselves: run `git lfs pull` in its repository"

Module = TypeVar("Module", bound=nn.Module)


class TensorHeader(BaseModel):
    """One entry of a header; the offsets count from the header's end."""

    model_config = ConfigDict(extra="forbid", strict=True)

    dtype: str
    shape: Annotated[list[NonNegativeInt], Field(max_length=8)]
    data_offsets: Annotated[list[NonNegativeInt], Field(min_length=2, max_length=2)]


_DIGESTS: dict[tuple[Path, int, int], str] = {}  # a changed file has another size or time, so another key
_Header = TypeAdapter(dict[str, Any])


def load(
    architecture: type[Module],
    config: dict[str, Any],
    path: Path,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Module:
    """Build a module and give it every tensor of a file, or nothing at all.

    The module takes no memory until the header has proved that the file holds exactly its tensors; each tensor
    then goes from the file to the device and is converted there.

    Args:
        architecture: the class to build.
        config: its constructor's arguments.
        path: a safetensors file.
        device: where the tensors go.
        dtype: floating-point type to compute in; integer buffers keep theirs.

    Returns:
        The module in evaluation mode, its parameters frozen.

    Raises:
        WeightsError: the file is not safetensors, is damaged, or does not fit the module.
    """
    module = build_on_meta(architecture, config)
    expected = module.state_dict()
    header, start = check(path, expected)
    try:
        state = _read(path, header, start, expected, device=device, dtype=dtype)
        module.load_state_dict(state, strict=True, assign=True)
    except (OSError, RuntimeError) as error:
        raise WeightsError(f"{path} can't be read: {error}") from error
    return module.eval().requires_grad_(False)


def check(path: Path, expected: dict[str, Tensor]) -> tuple[dict[str, TensorHeader], int]:
    """Hold a file's header against the tensors that a module expects, without reading any.

    Returns:
        The header's entries, and the byte of the file from which their offsets count.

    Raises:
        WeightsError: naming the first key that is missing, unknown, or of another shape or type.
    """
    header, start, size = _read_header(path)
    for problem, keys in (("lacks", expected.keys() - header.keys()), ("has the unknown", header.keys() - expected)):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            raise WeightsError(f"{path} {problem} key {min(keys)!r}{more}")
    for key, tensor in expected.items():
        entry, allowed = header[key], FLOATS if tensor.is_floating_point() else INTEGERS
        if entry.dtype not in allowed:
            raise WeightsError(f"{path}: {key!r} is {entry.dtype}, expected {' or '.join(allowed)}")
        if entry.shape != list(tensor.shape):
            raise WeightsError(f"{path}: {key!r} has shape {entry.shape}, expected {list(tensor.shape)}")
        begin, end = entry.data_offsets
        if end - begin != prod(entry.shape) * allowed[entry.dtype].itemsize:
            raise WeightsError(f"{path}: {key!r} claims {end - begin} bytes, too many or too few for its shape")
    promised = max((tensor.data_offsets[1] for tensor in header.values()), default=0)
    if promised != size:
        raise WeightsError(f"{path} is damaged: its header promises {promised} bytes of tensors, it holds {size}")
    return header, start


def verify(path: Path, *, sha256: str, size: int) -> None:
    """Make sure that a file is the recorded one; an unchanged file is hashed once per process.

    Raises:
        WeightsError: it is missing, or has another size or digest.
    """
    try:
        status = path.stat()
        if status.st_size != size:
            with path.open("rb") as file:
                if file.read(len(LFS_POINTER)) == LFS_POINTER:
                    raise WeightsError(f"{path} is {POINTER}")
            raise WeightsError(f"{path} has {status.st_size} bytes, expected {size}: fetch it again")
        digest = _digest(path, status)
    except OSError as error:
        raise WeightsError(f"{path} can't be read: {error.strerror}") from error
    if digest != sha256:
        raise WeightsError(f"{path} has sha256 {digest}, expected {sha256}: fetch it again")


def _digest(path: Path, status: os.stat_result) -> str:
    key = (path, status.st_size, status.st_mtime_ns)
    if key not in _DIGESTS:
        with path.open("rb") as file:
            _DIGESTS[key] = hashlib.file_digest(file, "sha256").hexdigest()
    return _DIGESTS[key]


def build_on_meta(architecture: type[Module], config: dict[str, Any]) -> Module:
    """Build a module whose tensors have shapes and no memory.

    Raises:
        WeightsError: the constructor refuses the configuration.
    """
    try:
        with torch.device("meta"), _WithoutInitialisation():
            return architecture(**config)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise WeightsError(f"{architecture.__name__} can't be built from {config}: {error}") from error


class _WithoutInitialisation(TorchFunctionMode):
    """Weights stay as they are: there is no memory to draw them into, and `normal_` would import torch's compiler."""

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Return the tensor in place of what a function of `torch.nn.init` makes of it."""
        options = kwargs or {}
        if getattr(function, "__module__", None) == nn.init.__name__:
            return args[0] if args else options["tensor"]
        return function(*args, **options)


def _read_header(path: Path) -> tuple[dict[str, TensorHeader], int, int]:
    """Return the entries of a file's header, the byte at which it ends, and how many follow."""
    if path.suffix in PICKLES:
        raise WeightsError(f"{path} is a pickle by its name, which can run code when read: convert it to safetensors")
    try:
        with path.open("rb") as file:
            size, start = os.fstat(file.fileno()).st_size, file.read(8)
            length = int.from_bytes(start, "little")
            if not 2 <= length <= min(MAX_HEADER, size - 8):
                raise WeightsError(f"{path} is {_describe(start, length, size)}")
            text = file.read(length)
    except OSError as error:
        raise WeightsError(f"{path} can't be read: {error.strerror}") from error
    return parse_header(text, path), 8 + length, size - 8 - length


def metadata(path: Path) -> dict[str, Any]:
    """The metadata of a file, by name: what whoever wrote it says about it, unchecked.

    Raises:
        WeightsError: the file is not safetensors, or is damaged.
    """
    _read_header(path)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        named = _Header.validate_json(file.read(length)).get("__metadata__")
    return named if isinstance(named, dict) else {}


def parse_header(text: bytes, source: object) -> dict[str, TensorHeader]:
    """Read the JSON of a header; `source` is what an error calls the file.

    Raises:
        WeightsError: it is no header.
    """
    try:
        entries = _Header.validate_json(text)
        entries.pop("__metadata__", None)
        return {key: TensorHeader.model_validate(entry) for key, entry in entries.items()}
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise WeightsError(f"{source} has a damaged header: {where} {first['msg']}") from None


def _describe(start: bytes, length: int, size: int) -> str:
    """Say what a file is that can't be safetensors, for its first eight bytes are no possible header length."""
    if start.startswith((b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")):
        return "a pickle by its content, which can run code when read: convert it to safetensors"
    if LFS_POINTER.startswith(start) and size >= 8:
        return POINTER
    if size < 8:
        return f"no safetensors file: it has {size} bytes"
    if size - 8 < length <= MAX_HEADER:
        return f"truncated: its header has {length} bytes, the file {size}"
    return f"no safetensors file: a header of {length} bytes is out of bounds"


def _read(
    path: Path,
    header: dict[str, TensorHeader],
    start: int,
    expected: dict[str, Tensor],
    *,
    device: str | torch.device,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """The tensors, read and converted piece by piece.

    Memory that is touched for the first time costs several times the conversion, above all in a virtual machine; and
    where other work has a core, torch's threads wait for each other at each tensor. So nothing but the result is new,
    and a piece is too small for more than one thread. The file is read and not mapped: a mapped file that shrinks
    later kills the process instead of raising.
    """
    place, state = torch.device(device), {}
    most = PIECE if place.type == "cpu" else TRANSFER
    buffer = torch.empty(most * torch.int64.itemsize, dtype=torch.uint8)
    with path.open("rb") as file:
        for key, tensor in expected.items():
            stored = (FLOATS | INTEGERS)[header[key].dtype]
            there = torch.empty(tensor.shape, dtype=dtype if tensor.is_floating_point() else stored, device=place)
            file.seek(start + header[key].data_offsets[0])
            for part in there.flatten().split(most):
                piece = buffer[: part.numel() * stored.itemsize]
                if file.readinto(piece.numpy().data) != len(piece):
                    raise OSError(f"it ends within {key!r}")
                part.copy_(piece.view(stored).to(place))  # converted there, so that less is copied
            state[key] = there
    return state
