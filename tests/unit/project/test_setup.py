"""Set-up: packages are installed once the package manager is free, and `make test` says what it does."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.folders import ROOT


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A file with each call of apt-get; the one first on the PATH writes it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    recorded = tmp_path / "calls"
    scripts = {
        "apt-get": f'printf "%s\\n" "apt-get $*" >> {recorded}',
        "id": "echo 1000",  # an ordinary user: sudo is used
        "sudo": '"$@"',
    }
    for name, line in scripts.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    return recorded


def test_both_calls_of_the_package_manager_wait_for_its_lock(calls: Path):
    ran = subprocess.run(
        ["sh", str(ROOT / "tools" / "debian.sh"), "chromium"],
        env={**os.environ, "PATH": f"{calls.parent / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )

    update, install = calls.read_text().splitlines()
    assert update.split()[1] == "update"
    assert install.split()[1] == "install"
    assert install.endswith("chromium")
    for call in (update, install):
        assert "-o DPkg::Lock::Timeout=300" in call
    assert "waits for it up to 300 seconds" in ran.stdout


def test_make_test_says_each_phase_in_order():
    planned = subprocess.run(
        ["make", "-n", "-o", ".venv/.installed", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    phases = re.findall(r'^echo "(\d/\d) ([\w ]+):', planned.stdout, re.MULTILINE)
    assert phases == [
        ("1/7", "Environment"),
        ("2/7", "Browser"),
        ("3/7", "PostgreSQL"),
        ("4/7", "Proxy"),
        ("5/7", "Hub server"),
        ("6/7", "Checks"),
        ("7/7", "Tests"),
    ]


def test_the_workflow_runs_make_test_on_the_oldest_python():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    steps = workflow["jobs"]["test"]["steps"]

    assert [step["run"] for step in steps if "run" in step] == ["make test"]
    assert [step["with"]["python-version"] for step in steps if "python-version" in step.get("with", {})] == ["3.11"]


def test_the_commit_hooks_are_those_of_make_check():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    assert [hook["id"] for hook in hooks] == ["ruff", "ruff-format", "mypy"]
    assert all(hook["entry"].startswith(".venv/bin/") for hook in hooks)


def test_the_citation_has_what_the_format_requires_and_the_version_of_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))

    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["authors"] == [{"name": "The Just Look authors"}]
    assert f'version = "{citation["version"]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"## {citation['version']} - " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "form", sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")), ids=lambda path: path.stem
)
def test_an_issue_form_has_a_name_a_description_and_questions(form: Path):
    content = yaml.safe_load(form.read_text(encoding="utf-8"))

    assert content["name"]
    assert content["description"]
    assert any(question["type"] == "textarea" for question in content["body"])
