"""Which software this is: its version, and the commit that it runs from."""

from __future__ import annotations

import functools
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("numpy", "scipy", "pandas", "evalica", "pillow", "torch")  # that the numbers and the pictures rest on


@functools.cache
def version() -> str:
    """Return the version in pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@functools.cache
def commit() -> str | None:
    """Return the commit of the code, with `+` if files that git tracks were changed; None without git."""
    try:
        top, head, changed = (
            subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10).stdout
            for command in (
                ("rev-parse", "--show-toplevel"),
                ("rev-parse", "HEAD"),
                ("status", "--porcelain", "--untracked-files=no"),
            )
        )
    except (OSError, subprocess.SubprocessError):
        return None
    if Path(top.strip()) != ROOT.resolve():  # the code was copied into another repository
        return None
    return head.strip() + ("+" if changed.strip() else "")


def name() -> str:
    """Return the version and the commit, as a reader of a paper needs them."""
    code = commit()
    return version() if code is None else f"{version()} (commit {code})"


def packages() -> dict[str, str]:
    """Return the versions of the packages that results rest on."""
    installed = {}
    for package in PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return installed
