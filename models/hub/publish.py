"""Put bundled models on the Hub: `python -m models.hub.publish mnist-dcgan --repo-id org/mnist-dcgan [--dry-run]`.

Each model becomes a repository of its own, for that is where `from_pretrained` and the Hub look for config.json. The
revision of the upload goes into the manifest, so that `models.hub` can load exactly these files from there.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import tomlkit
from huggingface_hub import HfApi, ModelCard, ModelCardData, constants
from yaml import YAMLError

from models import graph
from models.errors import WeightsError
from models.hub import http_errors, loading, manifest, repository
from models.hub.registry import network_class
from models.layout import CONFIG

CARD = "README.md"
REQUIRED = ("license", "library_name", "tags", "pipeline_tag")
BESIDES = {".png", ".jpg", ".json", ".jsonl", ".txt"}  # what may stand beside the card, config.json and the weights
_LINK = re.compile(r"!?\[[^\]]*\]\((?!\w+:)(?P<path>[^)#\s]+)")


class PublishError(RuntimeError):
    """A model that can't be published; the message names the file and what to change."""


def build(name: str, repo_id: str, target: Path, *, folder: Path = manifest.FOLDER) -> Path:
    """Write the folder that would be uploaded and check all of it, without the network.

    Args:
        name: a key of the manifest.
        repo_id: `org/name` on the Hub; the card's example loads from there.
        target: a folder to replace.
        folder: the folder of the manifest and the bundled copies.

    Returns:
        `target`, whose model has been loaded.

    Raises:
        PublishError: the repository's name, the card or a file is not fit to be shown.
        WeightsError: the files are not those of the manifest, or don't fit.
    """
    try:
        repository.check_name(repo_id)
    except ValueError as error:
        raise PublishError(str(error)) from error
    source, entry = folder / name, manifest.read(folder).get(name)
    if entry is not None and not entry.files:
        raise PublishError(f"{name} belongs to somebody else and is not bundled: there is nothing to publish")
    loading.verify(name, folder=folder)
    assert entry is not None  # or verify had refused
    known = {CARD, CONFIG, *(file.path for file in entry.files)}
    shutil.rmtree(target, ignore_errors=True)
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        relative = path.relative_to(source)
        if relative.as_posix() not in known and path.suffix not in BESIDES:
            raise PublishError(f"{path} is neither in the manifest nor a picture or log: it would not be published")
        (target / relative).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / relative)
    card = target / CARD
    if not card.is_file():
        raise PublishError(f"{source} has no {CARD}: a model without a card is not published")
    card.write_text(card.read_text().replace(f'"weights/{name}"', f'"{repo_id}"'))
    check_card(card)
    if entry.is_graph:
        graph.check(target / entry.main)
    else:
        network_class(entry.architecture).from_pretrained(target)
    return target


def check_card(path: Path) -> None:
    """Hold a model card against what the Hub shows: complete metadata, results that parse, links that lead somewhere.

    Raises:
        PublishError: naming what is missing or wrong.
    """
    try:
        card = ModelCard.load(path)
        data = card.data.to_dict()
        ModelCardData(**data, ignore_metadata_errors=False)  # huggingface_hub's own validation of the results
    except (ValueError, TypeError, KeyError, YAMLError) as error:
        raise PublishError(f"{path}: the metadata is not valid: {error}") from error
    if missing := [key for key in REQUIRED if not data.get(key)]:
        raise PublishError(f"{path}: the metadata lacks {', '.join(missing)}")
    for link in _LINK.finditer(card.text):
        if not (path.parent / link["path"]).is_file():
            raise PublishError(f"{path} points to {link['path']}, which is not there")


def upload(built: Path, repo_id: str) -> str:
    """Upload what `build` wrote and return the commit, 40 hex digits. The Hub validates the card before anything else.

    Raises:
        PublishError: the Hub refuses or can't be reached; nothing was written here.
    """
    api = HfApi()
    try:
        ModelCard.load(built / CARD).validate()
        api.create_repo(repo_id, exist_ok=True)
        # files of an earlier upload that this one lacks are deleted: nothing loads them, but visitors would see them
        done = api.upload_folder(repo_id=repo_id, folder_path=built, delete_patterns="*")
    except Exception as error:  # the client's own and those of its HTTP library, which changes between versions
        reason = http_errors.first_line(error)
        raise PublishError(f"{constants.ENDPOINT} did not take {repo_id}: {reason}") from error
    return done.oid


def record(name: str, repo_id: str, revision: str, *, folder: Path = manifest.FOLDER) -> None:
    """Write into the manifest where a model can be loaded from."""
    path = folder / manifest.MANIFEST
    document: Any = tomlkit.parse(path.read_text())
    entry = document[name]
    files = entry.pop("files")  # plain keys have to stand before the array of tables
    entry.update({"repo_id": repo_id, "revision": revision})
    entry.add("files", files)
    path.write_text(tomlkit.dumps(document))
    manifest.read(folder)


def main() -> int:
    """Publish the models that were named, one after the other, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.hub.publish", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="models of the manifest; all of them if none is named")
    parser.add_argument("--repo-id", required=True, help="org/name; for several models org/just-look-{name}")
    parser.add_argument("--dry-run", action="store_true", help="build and check everything, without the network")
    parser.add_argument("--out", type=Path, default=Path("build/publish"), help="where the folders are built")
    options = parser.parse_args()
    try:
        bundled = [name for name, entry in manifest.read().items() if entry.files]
        _publish(options.names or bundled, options)
    except (PublishError, WeightsError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _publish(names: list[str], options: argparse.Namespace) -> None:
    template: str = options.repo_id
    if len(names) > 1 and "{name}" not in template:
        raise PublishError(f"{len(names)} models need a repository each: --repo-id {template}-{{name}}")
    for name in names:
        repo_id = template.replace("{name}", name)
        built = build(name, repo_id, options.out / name)
        size = sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) / 1e6
        if options.dry_run:
            print(f"{name}: {size:.1f} MB in {built} would become {repo_id}")
        else:
            revision = upload(built, repo_id)
            record(name, repo_id, revision)
            print(f"{name}: {repo_id} at {revision}, written to {manifest.FOLDER / manifest.MANIFEST}")


if __name__ == "__main__":
    sys.exit(main())
