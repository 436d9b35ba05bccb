"""What the API and MCP say about themselves, and the Python of README.md, docs/api.md and examples/."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.app_server import OWNER_TOKEN, PATIENCE_S
from tests.support.films import film
from tests.support.folders import ROOT

STYLE = {"restyle", "paint", "gram", "reconstruct", "restyle_video"}
GAN = {"sample", "move_z", "blend", "explore", "walk", "project", "timeline", "train_live"}
GAN |= {"alike", "truncate", "attention", "translate", "battle", "bring_your_own"}
SEE = {"preprocess", "classify", "detect", "segment", "mark_and_break", "check_file", "machine_made", "feature_maps"}
ACTIONS = STYLE | GAN | SEE | {"next_ballot", "cast_vote", "skip", "ranking", "export"}
PAGES = ("README.md", "docs/api.md")
BLOCKS = {
    f"{page}-{number}": block
    for page in PAGES
    for number, block in enumerate(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL), 1)
}
EXAMPLES = {  # the arguments of each script in examples/
    "restyle_a_photo.py": ["coffee.jpg", "irises.jpg"],
    "paint_slowly.py": ["coffee.jpg", "irises.jpg"],
    "sample_a_generator.py": ["7"],
    "vote.py": [],
    "export_votes.py": ["digits-by-training-step"],
}


def test_every_action_is_documented_and_nothing_else_is_public(app_url: str):
    described = httpx.get(f"{app_url}/gradio_api/info", timeout=PATIENCE_S).json()["named_endpoints"]

    assert {name.strip("/") for name in described} == ACTIONS
    for endpoint in described.values():
        assert endpoint["description"]
        assert all(parameter["parameter_name"] for parameter in endpoint["parameters"])


def test_every_action_is_offered_to_mcp_clients(app_url: str):
    tools = httpx.get(f"{app_url}/gradio_api/mcp/schema", timeout=PATIENCE_S).json()

    offered = {tool["name"]: tool for tool in tools}
    assert {name for name in ACTIONS if any(tool.endswith(name) for tool in offered)} == ACTIONS
    assert all(tool["description"] for tool in offered.values())


def test_the_api_page_shows_every_action():
    text = "\n".join(block for name, block in BLOCKS.items() if name.startswith("docs/api.md"))
    assert {name for name in ACTIONS if f'api_name="/{name}"' in text} == ACTIONS


def test_the_readme_has_a_block_too():
    assert any(name.startswith("README.md") for name in BLOCKS)


def test_every_example_is_run_and_listed():
    scripts = {path.name for path in (ROOT / "examples").glob("*.py")}

    assert scripts == EXAMPLES.keys()
    listed = (ROOT / "examples" / "README.md").read_text()
    assert all(f"`{script}" in listed for script in scripts)


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_a_block_of_python_runs_as_it_stands(app_url: str, tmp_path: Path, block: str):
    run_python(["-c", block], app_url=app_url, folder=tmp_path)


@pytest.mark.parametrize("script", EXAMPLES)
def test_an_example_runs_and_prints_its_result(app_url: str, tmp_path: Path, script: str):
    printed = run_python([str(ROOT / "examples" / script), *EXAMPLES[script]], app_url=app_url, folder=tmp_path)

    files = re.findall(r"[\w-]+\.(?:png|jpg|webp|csv)", printed)
    assert files
    assert all((tmp_path / file).stat().st_size for file in files)


def run_python(arguments: list[str], *, app_url: str, folder: Path) -> str:
    """Run Python beside the files that the pages name, and return what it prints."""
    for picture in ("coffee.jpg", "irises.jpg"):
        (folder / picture).write_bytes(next((ROOT / "assets").rglob(picture)).read_bytes())
    film(folder / "cup.gif", frames=4)

    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "JUST_LOOK_URL": app_url, "JUST_LOOK_OWNER_TOKEN": OWNER_TOKEN},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )

    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


def test_the_page_holds_no_address_of_another_host(app_url: str):
    config = json.dumps(httpx.get(f"{app_url}/config", timeout=PATIENCE_S).json()["components"])
    assert not re.findall(r"(?<!<a )(?:src|href)=\\?\"https?://", config)


def test_a_listener_that_waits_shares_its_event_with_no_other(app_url: str):
    """Gradio's client would call them in turn without end: see demos/parts/wiring.py."""
    config = httpx.get(f"{app_url}/config", timeout=PATIENCE_S).json()
    heard: dict[tuple[int, str], list[str]] = {}
    for listener in config["dependencies"]:
        if listener["backend_fn"]:
            for component, event in listener["targets"]:
                heard.setdefault((component, event), []).append(listener["trigger_mode"])

    assert len(heard) > 100
    shared = [modes for (_, event), modes in heard.items() if len(modes) > 1 and event != "load"]
    assert not [modes for modes in shared if "always_last" in modes]
