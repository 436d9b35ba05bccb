"""Write a model into weights/: a folder in the layout of `PyTorchModelHubMixin` and an entry in the manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from filelock import FileLock
from huggingface_hub import EvalResult, ModelCard, ModelCardData
from safetensors.torch import save_file
from torch import Tensor

from models.hub import manifest
from models.hub.registry import TFLITE
from models.layout import CONFIG, GRAPH, WEIGHTS
from models.pretrained import Pretrained

METRICS = "metrics.json"  # written by training.scoring
LOCK = Path(tempfile.gettempdir()) / "just-look-manifest.lock"  # held while a manifest is written


@dataclass(frozen=True)
class About:
    """The text about a model in the manifest and on its card."""

    title: str
    origin: str
    licence: str  # as the Hub writes it: apache-2.0, mit, cc-by-4.0
    command: str
    text: str  # Markdown, the body of the card
    shows: str = ""  # what the model shows, in one or two sentences for the page
    datasets: list[str] = field(default_factory=list)  # ids on the Hub, if they have any


def halve(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Store matrices and kernels in half precision, vectors as they are.

    Vectors are a thousandth of the bytes and lose most in half precision: biases of the normalised VGG-19 fall to 5e-8,
    below its smallest number, and a running variance of batch normalisation may exceed its largest, 65,504.

    Raises:
        ValueError: a kernel has a number too large for half precision.
    """
    halved = {}
    for key, tensor in state.items():
        kernel = tensor.is_floating_point() and tensor.ndim > 1
        halved[key] = (tensor.half() if kernel else tensor).cpu().contiguous()
        if kernel and not halved[key].isfinite().all():
            raise ValueError(f"{key} does not fit half precision: its largest number is {tensor.abs().max():g}")
    return halved


def write(
    name: str,
    network: Pretrained,
    states: Mapping[int | None, Mapping[str, Tensor]],
    about: About,
    *,
    folder: Path = manifest.FOLDER,
) -> Path:
    """Write config.json, the weights, the card and the manifest's entry, replacing earlier ones.

    Args:
        name: of the folder and the manifest's entry.
        network: gives the configuration; its own weights are not used.
        states: state dicts by training step, in rising order: the last becomes model.safetensors, the others
            snapshots. A model without snapshots has a single state at None.
        about: text for the manifest and the card.
        folder: the weights folder.

    Returns:
        The model's folder.
    """
    target = folder / name
    (target / "snapshots").mkdir(parents=True, exist_ok=True)
    *_, last = states
    files = []
    for step, state in states.items():
        path = WEIGHTS if step == last else f"snapshots/step-{step:06d}.safetensors"
        _save(halve(state), target / path)
        files.append({"path": path, **_fingerprint(target / path), **({} if step is None else {"step": step})})
    written = {file["path"] for file in files}
    for old in (target / "snapshots").iterdir():
        if f"snapshots/{old.name}" not in written:
            old.unlink()
    if len(files) == 1:
        (target / "snapshots").rmdir()
    (target / CONFIG).write_text(json.dumps(network.config, indent=2) + "\n")
    (target / METRICS).unlink(missing_ok=True)  # they belong to the earlier weights
    _card(network, about).save(target / "README.md")
    config = {key: value for key, value in network.config.items() if key != "architecture"}
    _record(name, network.architecture, config, about, files, folder)
    return target


def write_graph(
    name: str, source: Path, about: About, *, task: str, tags: list[str], folder: Path = manifest.FOLDER
) -> Path:
    """Copy a TFLite graph, and write config.json, the card and the manifest's entry, replacing earlier ones.

    Args:
        name: of the folder and the manifest's entry.
        source: the file.
        about: text for the manifest and the card.
        task: what the Hub calls it, such as object-detection.
        tags: of the card.
        folder: the weights folder.

    Returns:
        The model's folder.
    """
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    unfinished = (target / GRAPH).with_suffix(".unfinished")
    unfinished.write_bytes(source.read_bytes())
    unfinished.replace(target / GRAPH)
    (target / CONFIG).write_text(json.dumps({"architecture": TFLITE}, indent=2) + "\n")
    data = ModelCardData(license=about.licence, library_name="tf-lite", pipeline_tag=task, tags=tags)
    _text_of_card(data, about).save(target / "README.md")
    _record(name, TFLITE, {}, about, [{"path": GRAPH, **_fingerprint(target / GRAPH)}], folder)
    return target


def note_results(name: str, results: list[EvalResult], *, folder: Path = manifest.FOLDER) -> None:
    """Write evaluation results into a model's card, replacing earlier ones."""
    path = folder / name / "README.md"
    card = ModelCard.load(path)
    card.data.model_name = manifest.read(folder)[name].title
    card.data.eval_results = results
    card.save(path)


def _save(state: dict[str, Tensor], path: Path) -> None:
    """Replace the file in one step: a running app may be reading the old one."""
    unfinished = path.with_suffix(".unfinished")
    save_file(state, unfinished, metadata={"format": "pt"})
    unfinished.chmod(0o644)  # safetensors makes files that only their owner can read; the app may run as another user
    unfinished.replace(path)


def _fingerprint(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _card(network: Pretrained, about: About) -> ModelCard:
    defaults = network.generate_model_card().data.to_dict()  # from the class: task, tags, library
    data = ModelCardData(**defaults, license=about.licence, datasets=about.datasets or None)
    return _text_of_card(data, about)


def _text_of_card(data: ModelCardData, about: About) -> ModelCard:
    return ModelCard(f"---\n{data.to_yaml()}\n---\n\n# {about.title}\n\n{about.text.strip()}\n")


def _record(
    name: str, architecture: str, config: dict[str, Any], about: About, files: list[dict[str, Any]], folder: Path
) -> None:
    inline = tomlkit.inline_table()
    inline.update(config)
    entry = tomlkit.table()
    entry["title"] = about.title
    if about.shows:
        entry["shows"] = about.shows
    entry.update({"architecture": architecture, "config": inline})
    entry.update({"origin": about.origin, "licence": about.licence, "command": about.command})
    tables = tomlkit.aot()
    for file in files:
        tables.append(tomlkit.item(file))
    entry.add("files", tables)
    path = folder / manifest.MANIFEST
    with FileLock(LOCK):  # several runs may end at the same time
        document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
        if not path.exists():
            document.add(
                tomlkit.comment("The bundled weights. Each entry is written by its own command: don't edit it.")
            )
        document[name] = entry
        path.write_text(tomlkit.dumps(document))
