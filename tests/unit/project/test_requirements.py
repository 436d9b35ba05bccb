"""What is installed, what is pinned and what is imported agree."""

import ast
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.folders import ROOT

SERVED = ("app.py", "media", "models", "demos", "serving", "evaluation", "lecture")  # what runs on a Space
ELSEWHERE = {  # what a Space never imports
    ROOT / "evaluation" / "quantitative",  # `make metrics` runs it, a Space shows what it wrote
    ROOT / "serving" / "cluster",  # an extra, requirements-cluster.txt
}
DISTRIBUTIONS = {  # whatever is imported by another name
    "PIL": "pillow",
    "yaml": "pyyaml",
    "c2pa": "c2pa-python",
    "pythonjsonlogger": "python-json-logger",
}


def requirements(file: str) -> dict[str, Requirement]:
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text().splitlines())
    wanted = (Requirement(line) for line in lines if line and not line.startswith("-"))
    return {canonicalize_name(requirement.name): requirement for requirement in wanted}


def pins() -> dict[str, Version]:
    versions = {}
    for name, requirement in requirements("constraints.txt").items():
        (pin,) = requirement.specifier
        assert pin.operator == "==", f"{name} is not pinned"
        versions[name] = Version(pin.version)
    return versions


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def third_party() -> set[str]:
    own = {path.stem for path in ROOT.iterdir() if path.is_dir() or path.suffix == ".py"}
    files = [
        file
        for part in SERVED
        for file in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
        if ELSEWHERE.isdisjoint(file.parents)
    ]
    return {name for file in files for name in imported(file)} - own - set(sys.stdlib_module_names)


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt"])
def test_every_requirement_has_a_pin_that_satisfies_it(file: str):
    pinned = pins()
    unmet = {
        name: str(wanted)
        for name, wanted in requirements(file).items()
        if name not in pinned or not wanted.specifier.contains(pinned[name])
    }
    assert unmet == {}


def test_what_a_space_installs_has_a_lower_and_an_upper_end():
    for requirement in requirements("requirements.txt").values():
        assert {">=", "<"} <= {limit.operator for limit in requirement.specifier}, str(requirement)


@pytest.mark.parametrize(
    ("version", "fits"), [("2.7.1", False), ("2.8.0", True), ("2.11.0", True), ("2.13.0", False), ("2.14.1", True)]
)
def test_torch_spans_the_releases_of_zerogpu_and_of_today(version: str, fits: bool):
    assert requirements("requirements.txt")["torch"].specifier.contains(version) is fits


def test_the_space_gets_the_gradio_that_is_tested():
    front_matter = yaml.safe_load((ROOT / "README.md").read_text().split("---\n")[1])
    assert Version(front_matter["sdk_version"]) == pins()["gradio"]
    assert "gradio" not in requirements("requirements.txt")
    assert (ROOT / front_matter["app_file"]).is_file()


def test_every_import_of_the_app_is_a_requirement():
    wanted = {canonicalize_name(DISTRIBUTIONS.get(name, name)) for name in third_party()}
    assert {"gradio", "pillow", "sqlalchemy", "torch"} <= wanted
    assert wanted - requirements("requirements.txt").keys() == {"gradio"}


def needed() -> Iterator[tuple[str, Requirement]]:
    """Every requirement of what is installed, extras included, and which package asks for it."""
    files = ("requirements.txt", "requirements-cluster.txt", "requirements-dev.txt")
    waiting = [requirement for file in files for requirement in requirements(file).values()]
    visited = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in visited:
            continue
        visited.add(key)
        environments = [{"extra": extra} for extra in ("", *requirement.extras)]
        for line in metadata.requires(requirement.name) or ():
            child = Requirement(line)
            if child.marker is None or any(child.marker.evaluate(environment) for environment in environments):
                waiting.append(child)
                yield str(requirement), child


def test_the_pins_can_be_installed_together():
    """`pip check` looks at no extras: `optype[numpy]` and its pinned companion once contradicted each other."""
    pinned = pins()
    contradictions = {
        f"{package} needs {wanted}": str(pinned[name])
        for package, wanted in needed()
        if (name := canonicalize_name(wanted.name)) in pinned and not wanted.specifier.contains(pinned[name])
    }
    assert contradictions == {}
