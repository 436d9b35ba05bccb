"""Write a model into weights/: one folder in the layout of `PyTorchModelHubMixin`, and its entry in the manifest."""

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
from models.layout import CONFIG, WEIGHTS
from models.pretrained import Pretrained

METRICS = "metrics.json"  # written by training.scoring
LOCK = Path(tempfile.gettempdir()) / "just-look-manifest.lock"  # of whoever writes a manifest


@dataclass(frozen=True)
class About:
    """What the manifest and the model card say of a model besides its files."""

    title: str
    origin: str
    licence: str  # as the Hub writes it: apache-2.0, mit, cc-by-4.0
    command: str
    text: str  # Markdown, the body of the card
    shows: str = ""  # what the lecture says that the weights let one see
    datasets: list[str] = field(default_factory=list)  # ids on the Hub, where they are known


def halve(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Store matrices and kernels in half precision, vectors as they are.

    Vectors are a thousandth of the bytes and bear half precision badly: biases of the normalised VGG-19 fall to 5e-8,
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
    """Write config.json, the weights, the card and the manifest's entry, replacing what was there.

    Args:
        name: of the folder and the manifest's entry.
        network: gives the configuration; its own weights are not used.
        states: state dicts by training step, rising: the last becomes model.safetensors, those before it snapshots.
            A model without snapshots has one, at None.
        about: the words.
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
    kept = {file["path"] for file in files}
    for old in (target / "snapshots").iterdir():
        if f"snapshots/{old.name}" not in kept:
            old.unlink()
    if len(files) == 1:
        (target / "snapshots").rmdir()
    (target / CONFIG).write_text(json.dumps(network.config, indent=2) + "\n")
    (target / METRICS).unlink(missing_ok=True)  # they were those of the weights before
    _card(network, about).save(target / "README.md")
    _record(name, network, about, files, folder)
    return target


def note_results(name: str, results: list[EvalResult], *, folder: Path = manifest.FOLDER) -> None:
    """Put evaluation results into a model's card, in place of any that stand there."""
    path = folder / name / "README.md"
    card = ModelCard.load(path)
    card.data.model_name = manifest.read(folder)[name].title
    card.data.eval_results = results
    card.save(path)


def _save(state: dict[str, Tensor], path: Path) -> None:
    """Replace the file at once: a running app may be reading the old one."""
    unfinished = path.with_suffix(".unfinished")
    save_file(state, unfinished, metadata={"format": "pt"})
    unfinished.chmod(0o644)  # safetensors writes for the owner only; the app may run as somebody else
    unfinished.replace(path)


def _fingerprint(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _card(network: Pretrained, about: About) -> ModelCard:
    known = network.generate_model_card().data.to_dict()  # what the class itself says: task, tags, library
    data = ModelCardData(**known, license=about.licence, datasets=about.datasets or None)
    return ModelCard(f"---\n{data.to_yaml()}\n---\n\n# {about.title}\n\n{about.text.strip()}\n")


def _record(name: str, network: Pretrained, about: About, files: list[dict[str, Any]], folder: Path) -> None:
    config = {key: value for key, value in network.config.items() if key != "architecture"}
    inline = tomlkit.inline_table()
    inline.update(config)
    entry = tomlkit.table()
    entry["title"] = about.title
    if about.shows:
        entry["shows"] = about.shows
    entry.update({"architecture": network.architecture, "config": inline})
    entry.update({"origin": about.origin, "licence": about.licence, "command": about.command})
    listed = tomlkit.aot()
    for file in files:
        listed.append(tomlkit.item(file))
    entry.add("files", listed)
    path = folder / manifest.MANIFEST
    with FileLock(LOCK):  # several runs may end at once
        document = tomlkit.parse(path.read_text()) if path.exists() else tomlkit.document()
        if not path.exists():
            document.add(
                tomlkit.comment("The bundled weights. Each entry is written by its own command: don't edit it.")
            )
        document[name] = entry
        path.write_text(tomlkit.dumps(document))
