"""The documents: links and paths in them exist, and the README stays short."""

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from tests.support.folders import ROOT

FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
DOCUMENTS = sorted(
    line
    for line in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / line).exists()
)
HISTORY = "CHANGELOG.md"  # names files as they were called before
PLANNED = {"serving/cluster/", "data/studies", "data/brought"}  # a room for later, and folders that the app makes
HAND_WRITTEN = [document for document in DOCUMENTS if not document.startswith("weights/") and document != HISTORY]


def without_code(text: str) -> str:
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", without_code(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_and_picture_exists(document: str):
    text = without_code((ROOT / document).read_text(encoding="utf-8"))
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text))

    missing = []
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = (ROOT / document).parent / path if path else ROOT / document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            missing.append(target)
    assert missing == []


@pytest.mark.parametrize("document", HAND_WRITTEN)
def test_every_path_in_the_text_exists(document: str):
    quoted = re.findall(r"`([\w./-]+)`", without_code((ROOT / document).read_text(encoding="utf-8")))
    paths = [
        path
        for path in quoted
        if path.partition("/")[0] in FOLDERS and "/" in path and "NAME" not in path and "mine" not in path
    ]

    assert [path for path in paths if not (ROOT / path).exists() and path not in PLANNED] == []


def test_the_readme_is_short_and_describes_the_space():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    front_matter = yaml.safe_load(text.split("---\n")[1])

    assert len(text.encode()) <= 6_000
    assert len(front_matter["short_description"]) <= 60  # what the Hub accepts
    assert front_matter["sdk"] == "gradio"


def test_every_document_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {page for page in pages if f"({page})" not in index} == set()


def test_every_environment_variable_is_documented():
    settings = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    served = ("app.py", "demos", "evaluation", "lecture", "models", "serving", "training")

    used = {
        variable
        for part in served
        for file in ([ROOT / part] if part.endswith(".py") else (ROOT / part).rglob("*.py"))
        for variable in re.findall(r"JUST_LOOK_\w+", file.read_text(encoding="utf-8"))
    }
    assert {variable for variable in used if f"`{variable}`" not in settings} == set()
