"""Weights by name: a manifest entry becomes a verified file, from the Hub or bundled, and the file a module.

`python -m models.hub list` shows what there is; `verify`, `pull` and `where` look after the files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache

from models import checkpoint, graph
from models.errors import WeightsError
from models.graph import Graph
from models.hub import http_errors, manifest, partial
from models.hub.manifest import Entry, WeightsFile
from models.hub.registry import network_class
from models.layout import CONFIG, read_config
from models.pretrained import Pretrained

Source = Literal["auto", "hub", "bundled"]

HUB_SECONDS = 5.0  # how long the Hub may take to answer before the bundled copy is taken


class Located(NamedTuple):
    """A verified file, where it came from, and a sentence for the page if that is not what was hoped for."""

    path: Path
    source: Literal["hub", "bundled"]
    notice: str | None


def entries(*, folder: Path = manifest.FOLDER) -> dict[str, Entry]:
    """The models of the manifest by name.

    Raises:
        WeightsError: the manifest is missing or wrong.
    """
    return manifest.read(folder)


def load(
    name: str,
    *,
    step: int | None = None,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    source: Source = "auto",
    folder: Path = manifest.FOLDER,
) -> Pretrained:
    """Load a model of the manifest.

    Args:
        name: a key of `entries()`.
        step: a training step of which there is a snapshot; None is the finished model.
        device: where the tensors go.
        dtype: floating-point type to compute in, whatever the file stores.
        source: see `locate`.
        folder: the folder of the manifest and the bundled copies.

    Returns:
        The module in evaluation mode, its parameters frozen.

    Raises:
        WeightsError: the name or step is unknown, or the weights are missing, damaged or don't fit.
    """
    path = locate(name, step=step, source=source, folder=folder).path
    entry = entry_of(name, folder)
    if entry.is_graph:
        raise WeightsError(f"{name} is no torch module but a graph: use load_graph")
    return checkpoint.load(network_class(entry.architecture), entry.config, path, device=device, dtype=dtype)


def load_graph(name: str, *, threads: int, source: Source = "auto", folder: Path = manifest.FOLDER) -> Graph:
    """Load a graph of the manifest, for LiteRT.

    Args:
        name: a key of `entries()`.
        threads: how many it computes with.
        source: see `locate`.
        folder: the folder of the manifest and the bundled copies.

    Raises:
        WeightsError: the name is unknown, the model is no graph, or its file is missing or damaged.
    """
    if not entry_of(name, folder).is_graph:
        raise WeightsError(f"{name} is no graph but a torch module: use load")
    return Graph(locate(name, source=source, folder=folder).path, threads=threads)


def locate(name: str, *, step: int | None = None, source: Source = "auto", folder: Path = manifest.FOLDER) -> Located:
    """Find the file that `load` would read, downloading it if need be, and verify its digest.

    Args:
        name: a key of `entries()`.
        step: as in `load`.
        source: "hub" is the entry's repository at its pinned commit; "bundled" the copy in `folder`; "auto" is the
            Hub where the entry has a repository, `JUST_LOOK_HUB=1` allows it, and it answers within `HUB_SECONDS`
            with the recorded file, else the bundled copy with a notice.
        folder: the folder of the manifest and the bundled copies.

    Raises:
        WeightsError: there is no verified file of that kind.
    """
    entry = entry_of(name, folder)
    if entry.partial is not None:
        if source == "bundled":
            raise WeightsError(f"{name} is not bundled: it comes from {entry.partial.repo_id}")
        return Located(partial.fetch(name, entry), "hub", None)
    file = entry.file(step)
    notice = None
    if source == "hub" or (source == "auto" and entry.repo_id and os.environ.get("JUST_LOOK_HUB") == "1"):
        try:
            return Located(download(name, entry, file), "hub", None)
        except WeightsError as error:
            if source == "hub":
                raise
            notice = f"{error}. The bundled copy is used instead."
    path = folder / name / file.path
    checkpoint.verify(path, sha256=file.sha256, size=file.bytes)
    return Located(path, "bundled", notice)


def verify(name: str, *, folder: Path = manifest.FOLDER) -> None:
    """Check everything about a bundled model: each file's digest and header, and that config.json agrees.

    Raises:
        WeightsError: naming the first thing that is wrong.
    """
    entry = entry_of(name, folder)
    for file in entry.files:
        path = folder / name / file.path
        checkpoint.verify(path, sha256=file.sha256, size=file.bytes)
        if entry.is_graph:
            graph.check(path)
        else:
            network = network_class(entry.architecture)
            checkpoint.check(path, checkpoint.build_on_meta(network, entry.config).state_dict())
    path = folder / name / CONFIG
    if read_config(path) != {"architecture": entry.architecture, **entry.config}:
        raise WeightsError(f"{path} and the manifest disagree")


def entry_of(name: str, folder: Path) -> Entry:
    """The manifest's entry of that name.

    Raises:
        WeightsError: there is none.
    """
    known = entries(folder=folder)
    if name not in known:
        raise WeightsError(f"there are no weights {name!r}; there are: {', '.join(known)}")
    return known[name]


def download(name: str, entry: Entry, file: WeightsFile) -> Path:
    """Fetch a file of a model from the Hub, or take it from its cache, and verify its digest.

    Raises:
        WeightsError: the manifest names no repository, the Hub does not answer, or the file is another.
    """
    if entry.repo_id is None or entry.revision is None:
        raise WeightsError(f"{name} has no Hub repository in the manifest")
    repo_id, revision = entry.repo_id, entry.revision
    try:
        if not isinstance(try_to_load_from_cache(repo_id, file.path, revision=revision), str):
            # asked first and once, for hf_hub_download alone repeats an unanswered request for half a minute
            get_hf_file_metadata(hf_hub_url(repo_id, file.path, revision=revision), timeout=HUB_SECONDS)
        path = Path(hf_hub_download(repo_id, file.path, revision=revision, etag_timeout=HUB_SECONDS))
    except Exception as error:  # the client's own and those of its HTTP library, which changes between versions
        reason = http_errors.first_line(error)
        raise WeightsError(f"{file.path} of {entry.repo_id} could not be downloaded from the Hub: {reason}") from error
    checkpoint.verify(path, sha256=file.sha256, size=file.bytes)
    return path
