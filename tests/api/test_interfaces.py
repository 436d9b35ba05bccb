"""What the API and MCP say about themselves, and the README's examples."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.films import film

STYLE = {"restyle", "paint", "gram", "reconstruct", "restyle_video"}
ACTIONS = STYLE | {"sample", "move_z", "bring_your_own", "next_ballot", "cast_vote", "skip", "ranking", "export"}
README = Path(__file__).parents[2] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_every_action_is_documented_and_nothing_else_is_public(app_url: str):
    described = httpx.get(f"{app_url}/gradio_api/info", timeout=60).json()["named_endpoints"]

    assert {name.strip("/") for name in described} == ACTIONS
    for endpoint in described.values():
        assert endpoint["description"]
        assert all(parameter["parameter_name"] for parameter in endpoint["parameters"])


def test_every_action_is_offered_to_mcp_clients(app_url: str):
    tools = httpx.get(f"{app_url}/gradio_api/mcp/schema", timeout=60).json()

    offered = {tool["name"]: tool for tool in tools}
    assert {name for name in ACTIONS if any(tool.endswith(name) for tool in offered)} == ACTIONS
    assert all(tool["description"] for tool in offered.values())


def test_the_readme_shows_every_action():
    shown = "\n".join(SNIPPETS)
    assert {name for name in ACTIONS if f'api_name="/{name}"' in shown} == ACTIONS


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_a_snippet_of_the_readme_runs_as_it_stands(app_url: str, tmp_path: Path, snippet: str):
    for picture in ("coffee.jpg", "irises.jpg"):
        (tmp_path / picture).write_bytes(next(Path("assets").rglob(picture)).read_bytes())
    film(tmp_path / "cup.gif", frames=4)

    ran = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=tmp_path,
        env={**os.environ, "JUST_LOOK_URL": app_url},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stderr[-2000:]


def test_the_page_holds_no_address_of_another_host(app_url: str):
    config = json.dumps(httpx.get(f"{app_url}/config", timeout=60).json()["components"])
    assert not re.findall(r"(?:src|href)=\\?\"https?://", config)
