"""Some tensors out of a large safetensors file on the Hub: `python -m models.hub.partial fetch NAME`.

VGG-19's convolutions are 52 MB of a file of 575 MB. What arrives becomes a slim safetensors file in huggingface_hub's
cache, once the digest of every tensor is the recorded one.
https://huggingface.co/docs/safetensors/metadata_parsing
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import tomlkit
import torch
from huggingface_hub import HfApi, cached_assets_path, constants, hf_hub_url
from huggingface_hub.utils import tqdm
from torch import Tensor

from models import checkpoint
from models.checkpoint import FLOATS, INTEGERS, MAX_HEADER
from models.errors import WeightsError
from models.hub import http_errors, manifest
from models.hub.http_ranges import SECONDS, RemoteFile
from models.hub.manifest import Entry, Partial
from models.hub.registry import network_class

GAP = 64 * 2**10  # bytes: tensors this close are asked for together


class _Slot(NamedTuple):
    """A tensor's place in the remote file and in the slim one, in bytes."""

    name: str
    remote: int
    local: int
    length: int


def fetch(name: str, entry: Entry, *, whole: bool = False) -> Path:
    """Return the slim file of a manifest entry with `partial`, downloading it if it is not in the cache.

    Args:
        name: of the entry.
        entry: the entry.
        whole: where the server ignores Range, read the whole file and keep what is needed.

    Raises:
        WeightsError: the digests are not recorded yet, the file can't be downloaded, or it does not match them.
    """
    partial = _partial(name, entry)
    if not partial.recorded:
        raise WeightsError(
            f"the weights of {name} are not verified here: look at {partial.repo_id} on the Hub, "
            f"then run `python -m models.hub.partial record {name}`"
        )
    path = _cached(name, str(partial.revision))
    if not path.exists():
        url = hf_hub_url(partial.repo_id, partial.path, revision=partial.revision)
        download(url, name, entry, path, whole=whole)
    elif not _intact(path, partial):
        path.unlink()
        raise WeightsError(f"{path} was damaged and is removed: try again")
    return path


def download(url: str, name: str, entry: Entry, target: Path, *, whole: bool = False) -> dict[str, str]:
    """Write the tensors that an entry needs to a slim safetensors file, or nothing at all.

    What an interrupted download left is used again where its digest is the recorded one.

    Args:
        url: of the large file.
        name: of the entry, for the progress bar.
        entry: says which tensors, and their digests where they were recorded.
        target: the file to write.
        whole: where the server ignores Range, read the whole file and keep what is needed.

    Returns:
        The sha256 of each tensor's bytes, by its name in our module.

    Raises:
        WeightsError: as `fetch`.
    """
    partial = _partial(name, entry)
    expected = checkpoint.build_on_meta(network_class(entry.architecture), entry.config).state_dict()
    remote = RemoteFile(url, whole=whole)
    header, slots = _plan(remote, partial, expected)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("r+b" if unfinished.exists() else "w+b") as file:
        _lay_out(file, header, partial, slots)
        missing = [slot for slot in slots if _digest(file, slot) != partial.tensors[slot.name].sha256]
        with tqdm(total=sum(slot.length for slot in missing), unit="B", unit_scale=True, desc=name) as bar:
            for joined in _joined(missing, gap=GAP if remote.ranged else remote.size):
                at = joined[0].remote
                for chunk in remote.read(at, max(slot.remote + slot.length for slot in joined)):
                    bar.update(_keep(file, joined, at, chunk))
                    at += len(chunk)
        digests = {slot.name: _digest(file, slot) for slot in slots}
    for key, tensor in partial.tensors.items():
        if tensor.sha256 not in (None, digests[key]):
            unfinished.unlink()
            raise WeightsError(f"{url}: {tensor.key!r} has sha256 {digests[key]}, expected {tensor.sha256}")
    try:
        checkpoint.check(unfinished, expected)
    except WeightsError:
        unfinished.unlink()
        raise
    unfinished.replace(target)
    return digests


def record(name: str, *, folder: Path = manifest.FOLDER, whole: bool = False) -> str:
    """Fetch what the Hub holds now and write its commit and digests into the manifest; return the commit.

    Raises:
        WeightsError: the repository can't be had, or its file does not fit.
    """
    entry = _entry(name, folder)
    partial = _partial(name, entry)
    try:
        revision = str(HfApi().model_info(partial.repo_id, revision=partial.revision, timeout=SECONDS).sha)
    except Exception as error:  # the client's own and those of its HTTP library, which changes between versions
        raise WeightsError(
            f"{partial.repo_id} could not be asked for its commit: {http_errors.first_line(error)}"
        ) from error
    url = hf_hub_url(partial.repo_id, partial.path, revision=revision)
    digests = download(url, name, entry, _cached(name, revision), whole=whole)
    path = folder / manifest.MANIFEST
    document: Any = tomlkit.parse(path.read_text())
    document[name]["partial"]["revision"] = revision
    for key, digest in digests.items():
        document[name]["partial"]["tensors"][key]["sha256"] = digest
    path.write_text(tomlkit.dumps(document))
    return revision


def _entry(name: str, folder: Path) -> Entry:
    entries = manifest.read(folder)
    if name not in entries:
        raise WeightsError(f"there are no weights {name!r}; there are: {', '.join(entries)}")
    return entries[name]


def _partial(name: str, entry: Entry) -> Partial:
    if entry.partial is None:
        raise WeightsError(f"{name} is bundled whole: there is nothing to fetch in part")
    return entry.partial


def _cached(name: str, revision: str) -> Path:
    return cached_assets_path("just-look", name, revision, assets_dir=constants.HF_ASSETS_CACHE) / "model.safetensors"


def _plan(
    remote: RemoteFile, partial: Partial, expected: Mapping[str, Tensor]
) -> tuple[dict[str, dict[str, object]], list[_Slot]]:
    """Read the remote header and lay the wanted tensors one after the other: the slim header, and a slot for each."""
    length = int.from_bytes(b"".join(remote.read(0, 8)), "little")
    if not 2 <= length <= min(MAX_HEADER, remote.size - 8):
        raise WeightsError(f"{remote.url} is no safetensors file: a header of {length} bytes in {remote.size}")
    base = 8 + length
    header = checkpoint.parse_header(b"".join(remote.read(8, base)), remote.url)
    slim: dict[str, dict[str, object]] = {}
    slots, at = [], 0
    for name, tensor in partial.tensors.items():
        if name not in expected:
            raise WeightsError(f"the manifest wants {name!r}, which the module does not have")
        stored, types = header.get(tensor.key), FLOATS if expected[name].is_floating_point() else INTEGERS
        if stored is None:
            raise WeightsError(f"{remote.url} lacks key {tensor.key!r}")
        shape = list(expected[name].shape)
        if stored.shape != shape or stored.dtype not in types:
            described = f"{tensor.key!r} is {stored.dtype} {stored.shape}, expected {' or '.join(types)} {shape}"
            raise WeightsError(f"{remote.url}: {described}")
        (begin, end), bytes_ = stored.data_offsets, prod(shape) * types[stored.dtype].itemsize
        if end - begin != bytes_ or base + end > remote.size:
            raise WeightsError(f"{remote.url}: {tensor.key!r} claims the bytes {begin} to {end}, which can't be")
        slots.append(_Slot(name, base + begin, at, bytes_))
        slim[name] = {"dtype": stored.dtype, "shape": shape, "data_offsets": [at, at := at + bytes_]}
    for name, values in partial.constants.items():
        constant = torch.tensor(values)
        slim[name] = {"dtype": "F32", "shape": list(constant.shape), "data_offsets": [at, at := at + constant.nbytes]}
    return slim, slots


def _lay_out(file: BinaryIO, header: Mapping[str, object], partial: Partial, slots: list[_Slot]) -> None:
    """Write the slim header and the constants, and move the slots to where they stand in the file."""
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    slots[:] = [slot._replace(local=8 + len(text) + slot.local) for slot in slots]
    at = max(slot.local + slot.length for slot in slots)
    file.write(len(text).to_bytes(8, "little") + text)
    file.seek(at)
    for values in partial.constants.values():
        at += file.write(_bytes(values))
    file.truncate(at)


def _joined(slots: list[_Slot], *, gap: int) -> Iterator[list[_Slot]]:
    """Group slots between which the remote file has at most `gap` other bytes."""
    ordered = sorted(slots, key=lambda slot: slot.remote)
    breaks = [i for i, (a, b) in enumerate(pairwise(ordered), 1) if b.remote - a.remote - a.length > gap]
    for first, last in pairwise([0, *breaks, len(ordered)] if ordered else []):
        yield ordered[first:last]


def _keep(file: BinaryIO, slots: list[_Slot], at: int, chunk: bytes) -> int:
    """Write what of a chunk belongs to a slot, and return how much that was."""
    kept = 0
    for slot in slots:
        begin, end = max(at, slot.remote), min(at + len(chunk), slot.remote + slot.length)
        if begin < end:
            file.seek(slot.local + begin - slot.remote)
            kept += file.write(chunk[begin - at : end - at])
    return kept


def _digest(file: BinaryIO, slot: _Slot) -> str:
    file.seek(slot.local)
    return hashlib.sha256(file.read(slot.length)).hexdigest()


def _intact(path: Path, partial: Partial) -> bool:
    """Whether a slim file still holds what was recorded."""
    digests = {name: str(tensor.sha256) for name, tensor in partial.tensors.items()}
    digests |= {name: hashlib.sha256(_bytes(values)).hexdigest() for name, values in partial.constants.items()}
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            header = checkpoint.parse_header(file.read(min(length, MAX_HEADER)), path)
        except WeightsError:
            return False
        slots = [
            _Slot(name, 0, 8 + length + entry.data_offsets[0], entry.data_offsets[1] - entry.data_offsets[0])
            for name, entry in header.items()
        ]
        return {slot.name: _digest(file, slot) for slot in slots} == digests


def _bytes(values: list) -> bytes:
    return torch.tensor(values).numpy().tobytes()


def main() -> int:
    """Record or fetch one model and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.hub.partial", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command, text in (
        ("record", "trust what the Hub holds now: write its commit and digests into the manifest"),
        ("fetch", "download what was recorded"),
    ):
        arguments = commands.add_parser(command, help=text)
        arguments.add_argument("name")
        arguments.add_argument("--whole", action="store_true", help="allow a server that ignores Range")
    options = parser.parse_args()
    try:
        if options.command == "record":
            print(f"{options.name} recorded at {record(options.name, whole=options.whole)}")
        else:
            print(fetch(options.name, _entry(options.name, manifest.FOLDER), whole=options.whole))
    except WeightsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
