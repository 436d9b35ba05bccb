"""Assemble a Hugging Face Space, and upload it: `python -m deploy.space build/space [--push org/name]`.

The folder holds exactly what a Space runs: the app and its packages, the weights, the studies, and the two files that
tell a Space how to install it (README.md and requirements.txt). Tests, training and benchmarks stay behind.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from models.hub import repository

ROOT = Path(__file__).parents[1]
FILES = ("app.py", "README.md", "requirements.txt", "LICENSE", "CITATION.cff", "pyproject.toml", ".gitattributes")
FOLDERS = (
    "assets",
    "demos",
    "docs",
    "evaluation",
    "lecture",
    "media",
    "models",
    "serving",
    "studies",
    "training/recipes",
    "weights",
)
REQUIRED = ("title", "emoji", "colorFrom", "colorTo", "sdk", "sdk_version", "python_version", "app_file", "license")
SHORT = 60  # characters: the Hub refuses a longer short_description


class SpaceError(RuntimeError):
    """A Space that can't be assembled or uploaded; the message says what to change."""


def assemble(target: Path, *, root: Path = ROOT) -> list[Path]:
    """Write the Space's files into a folder.

    Args:
        target: a folder to create. One that an earlier call made is replaced; any other must be empty.
        root: the checkout to take them from.

    Returns:
        The paths of the files, relative to `target`.

    Raises:
        SpaceError: the folder holds something else, this is no git checkout, or the README's front matter lacks a key.
    """
    front_matter(root / "README.md")
    if target.exists() and any(target.iterdir()):
        if not (target / "app.py").is_file() or (target / ".git").exists():
            raise SpaceError(f"{target} holds other files: name an empty folder, or one that does not exist.")
        shutil.rmtree(target)
    paths = _tracked(root)
    for path in paths:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, target / path)
    return paths


def front_matter(readme: Path) -> dict[str, object]:
    """The settings of a Space, from the head of its README.

    Raises:
        SpaceError: a key that a Space needs is missing, or the description is too long.
    """
    _, _, rest = readme.read_text().partition("---\n")
    head, end, _ = rest.partition("\n---\n")
    settings = yaml.safe_load(head) if end else None
    if not isinstance(settings, dict):
        raise SpaceError(f"{readme} does not begin with the settings of a Space between two lines of ---.")
    missing = [key for key in REQUIRED if not settings.get(key)]
    if missing:
        raise SpaceError(f"{readme} lacks {', '.join(missing)} in its first lines.")
    if len(str(settings.get("short_description", ""))) > SHORT:
        raise SpaceError(f"{readme}: short_description has more than {SHORT} characters.")
    return settings


def push(folder: Path, repo_id: str, *, api: HfApi | None = None) -> str:
    """Upload a folder as a Space in one commit, and return the commit's address.

    The Space is created if it does not exist. Files there that the folder lacks are deleted.

    Raises:
        SpaceError: the name is not fit, or the Hub refuses.
    """
    try:
        repository.check_name(repo_id, kind="Space")
    except ValueError as error:
        raise SpaceError(str(error)) from error
    api = api or HfApi()
    try:
        api.create_repo(repo_id, repo_type="space", space_sdk="gradio", exist_ok=True)
        commit = api.upload_folder(
            repo_id=repo_id,
            repo_type="space",
            folder_path=folder,
            delete_patterns="*",
            commit_message="Deploy Just Look",
        )
    except HfHubHTTPError as error:
        raise SpaceError(f"The Hub refused: {error}. `hf auth login` needs a token that may write.") from error
    return commit.commit_url


def _tracked(root: Path) -> list[Path]:
    """The files of the Space that git knows, so that nothing of this machine comes along."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *FILES, *FOLDERS], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        raise SpaceError(f"{root} is no git checkout: {listed.stderr.strip()}")
    return sorted(Path(name) for name in listed.stdout.split("\0") if name and (root / name).is_file())


def main() -> None:
    """Assemble the folder named on the command line, and upload it where that is wished."""
    parser = argparse.ArgumentParser(prog="python -m deploy.space", description="Assemble a Hugging Face Space.")
    parser.add_argument("folder", type=Path, help="the folder to write")
    parser.add_argument("--push", metavar="ORG/NAME", help="upload it to this Space")
    given = parser.parse_args()
    try:
        paths = assemble(given.folder)
        size = sum((given.folder / path).stat().st_size for path in paths)
        print(f"{given.folder}: {len(paths)} files, {size / 1e6:.0f} MB")
        if given.push:
            print(push(given.folder, given.push))
    except SpaceError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
