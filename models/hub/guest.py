"""Generators that strangers publish on the Hub: safetensors of a known architecture, checked before they are built."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

from models import checkpoint
from models.errors import UnreachableError, WeightsError
from models.gan import dcgan
from models.gan.generators import ARCHITECTURES, Generator
from models.hub import http_errors
from models.layout import CONFIG, WEIGHTS, read_config

MAX_CONFIG = 64 * 2**10  # bytes
MAX_WEIGHTS = 64 * 2**20  # bytes
MAX_CACHE = 512 * 2**20  # bytes of all guests that are kept on the disk
MAX_SIDE = 128  # pixels of a sample: more would keep other visitors waiting
SECONDS = 10.0
_ADDRESS = re.compile(r"(?P<repo>[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95})(?:@(?P<revision>[\w.-]{1,100}))?")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Guest:
    """A repository whose files are here and fit.

    Attributes:
        repo_id: `org/name`.
        revision: the commit that was fetched, 40 hex digits.
        architecture: a key of `models.gan.generators.ARCHITECTURES`.
        config: the constructor's arguments.
        path: the weights on this disk.
    """

    repo_id: str
    revision: str
    architecture: str
    config: dict[str, Any]
    path: Path

    @property
    def address(self) -> str:
        """`org/name@commit`, which names exactly these weights."""
        return f"{self.repo_id}@{self.revision}"


def is_pinned(address: str) -> bool:
    """Whether an address is `org/name@commit`, with all 40 digits of the commit: it names the same weights for ever."""
    match = _ADDRESS.fullmatch(address)
    return match is not None and _COMMIT.fullmatch(match["revision"] or "") is not None


def fetch(address: str) -> Guest:
    """Fetch a generator in our layout: config.json and model.safetensors.

    What is in the cache at a pinned commit is read from there, and the Hub is not asked.

    Args:
        address: `org/name`, or `org/name@revision` with a branch, tag or commit.

    Raises:
        WeightsError: the address is malformed, the repository can't be fetched, is too large, or does not fit; the
            message names the file, key or shape.
    """
    match = _ADDRESS.fullmatch(address.strip())
    if match is None:
        raise WeightsError("name a repository as org/name, or org/name@revision")
    repo_id, revision = match["repo"], match["revision"] or "main"
    commit = revision
    config_path, path = (
        _cached(repo_id, name, revision, most=most) for name, most in ((CONFIG, MAX_CONFIG), (WEIGHTS, MAX_WEIGHTS))
    )
    if config_path is None or path is None:
        commit = _probe(repo_id, CONFIG, revision, most=MAX_CONFIG)
        _probe(repo_id, WEIGHTS, commit, most=MAX_WEIGHTS)
        config_path, path = (_download(repo_id, name, commit) for name in (CONFIG, WEIGHTS))
        make_room(except_for=repo_id)
    config = read_config(config_path)
    architecture = config.pop("architecture", None)
    if architecture not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise WeightsError(f"{repo_id}: config.json names the architecture {architecture!r:.60}; known are: {known}")
    check_config(repo_id, architecture, config)
    network = checkpoint.build_on_meta(ARCHITECTURES[architecture], config)
    checkpoint.check(path, network.state_dict())
    return Guest(repo_id, commit, architecture, config, path)


def load(guest: Guest, *, device: str | torch.device = "cpu") -> Generator:
    """Load a fetched generator onto a device, in evaluation mode.

    Raises:
        WeightsError: the file does not fit, or has changed.
    """
    return checkpoint.load(ARCHITECTURES[guest.architecture], guest.config, guest.path, device=device)


def check_config(repo_id: str, architecture: str, config: dict[str, Any]) -> None:
    """Limit the numbers that decide the work of one sample; the header check limits the rest by the file's size.

    Args:
        repo_id: what an error calls the source.
        architecture: a key of `models.gan.generators.ARCHITECTURES`.
        config: the constructor's arguments; `modes` is filled in.

    Raises:
        WeightsError: a number is missing or out of range; the message names it.
    """
    if architecture == dcgan.Generator.architecture:
        config.setdefault("modes", 0)  # older files lack it
    for key, least, most in (
        ("size", 1, MAX_SIDE),
        ("z_dim", 1, 4096),
        ("width", 1, 4096),
        ("channels", 1, 3),
        ("modes", 0, 4096),
    ):
        value = config.get(key, 0 if key == "modes" else None)
        if type(value) is not int or not least <= value <= most:
            raise WeightsError(
                f"{repo_id}: config.json needs a whole number {key} from {least} to {most}, has {value!r:.40}"
            )
    if config.get("modes", 0) > config["z_dim"]:
        raise WeightsError(f"{repo_id}: config.json has {config['modes']} modes among {config['z_dim']} numbers of z")
    if config["channels"] == 2:
        raise WeightsError(f"{repo_id}: config.json has 2 channels; a picture has 1 or 3")


def cache_folder() -> Path:
    """Where guests' files are kept: beside the Hub's cache, so that they never push out weights of our own."""
    return Path(f"{constants.HF_HUB_CACHE}-guests")


def make_room(*, except_for: str, most: int = MAX_CACHE) -> None:
    """Remove the guests that were fetched longest ago until the rest fits.

    Args:
        except_for: the repository that stays.
        most: bytes of all that are kept.
    """
    kept = f"models--{except_for.replace('/', '--')}"
    sizes = {}
    for folder in cache_folder().glob("models--*"):
        files = [path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        sizes[folder] = (max((file.st_mtime for file in files), default=0.0), sum(file.st_size for file in files))
    total = sum(size for _, size in sizes.values())
    for folder, (_, size) in sorted(sizes.items(), key=lambda item: item[1]):
        if total <= most:
            return
        if folder.name != kept:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size


def _cached(repo_id: str, name: str, revision: str, *, most: int) -> Path | None:
    """The file in the Hub's cache at a commit, if it is there; a branch or tag may have moved on since."""
    if _COMMIT.fullmatch(revision) is None:
        return None
    path = try_to_load_from_cache(repo_id, name, cache_dir=cache_folder(), revision=revision)
    if not isinstance(path, str):
        return None
    _check_size(repo_id, name, Path(path).stat().st_size, most=most)
    return Path(path)


def _check_size(repo_id: str, name: str, size: int, *, most: int) -> None:
    if size > most:
        raise WeightsError(f"{repo_id}: {name} has {size:,} bytes; {most:,} are allowed")


def _probe(repo_id: str, name: str, revision: str, *, most: int) -> str:
    """Ask for a file's size and commit before fetching any of it."""
    try:
        metadata = get_hf_file_metadata(hf_hub_url(repo_id, name, revision=revision), timeout=SECONDS, token=False)
    except RepositoryNotFoundError as error:
        raise WeightsError(f"there is no public repository {repo_id} with a {name} on {constants.ENDPOINT}") from error
    except RevisionNotFoundError as error:
        raise WeightsError(f"{repo_id} has no revision {revision!r}") from error
    except EntryNotFoundError as error:
        why = ": pickled weights are never read, offer safetensors" if name == WEIGHTS else ""
        raise WeightsError(f"{repo_id} has no {name}{why}") from error
    except Exception as error:  # the client's own and those of its HTTP library, which changes between versions
        raise UnreachableError(
            f"{constants.ENDPOINT} could not be asked for {repo_id}: {http_errors.first_line(error)}"
        ) from error
    if metadata.size is None or metadata.commit_hash is None:
        raise WeightsError(f"{repo_id}: the Hub does not say how large {name} is, or which commit it belongs to")
    _check_size(repo_id, name, metadata.size, most=most)
    return metadata.commit_hash


def _download(repo_id: str, name: str, revision: str) -> Path:
    try:
        # A stranger named the repository: the server's own token must not open it.
        return Path(
            hf_hub_download(
                repo_id, name, revision=revision, etag_timeout=SECONDS, token=False, cache_dir=cache_folder()
            )
        )
    except Exception as error:
        raise UnreachableError(
            f"{name} of {repo_id} could not be downloaded ({http_errors.first_line(error)})"
        ) from error
