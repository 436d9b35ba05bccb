"""A script is Python that needs gradio_client alone, and sends what it is given."""

import ast
import sys

import pytest

from demos.parts.python_text import ORIGIN, script

CALLS = {
    "sample": script("sample", {"seed": 7, "model": "mnist-dcgan"}, answer="samples"),
    "restyle": script(
        "restyle",
        {"strength": 0.5, "side": "own"},
        pictures={"content": "samples/photos/cat.jpg", "style": None},
        answer="before, after",
    ),
    "project": script("project", {"snapshot": 6}, pictures={"picture": None}, answer="frame"),
    "paint": script("paint", {"steps": 3}, pictures={"content": None, "style": None}, answer="frame"),
}


@pytest.mark.parametrize("action", CALLS)
def test_it_imports_gradio_client_and_the_standard_library(action: str):
    imported = [node for node in ast.walk(ast.parse(CALLS[action])) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imported if isinstance(node, ast.ImportFrom)}
    assert "gradio_client" in names
    assert {name.split(".")[0] for name in names} - {"gradio_client"} <= sys.stdlib_module_names


@pytest.mark.parametrize(
    ("action", "sent"),
    [
        ("sample", {"seed": 7, "model": "mnist-dcgan", "api_name": "/sample"}),
        ("restyle", {"strength": 0.5, "side": "own", "api_name": "/restyle"}),
        ("paint", {"steps": 3, "api_name": "/paint"}),
        ("project", {"snapshot": 6, "api_name": "/project"}),
    ],
)
def test_it_sends_the_arguments(action: str, sent: dict[str, object]):
    calls = [node for node in ast.walk(ast.parse(CALLS[action])) if isinstance(node, ast.Call)]
    call = next(call for call in calls if any(keyword.arg == "api_name" for keyword in call.keywords))
    plain = {k.arg: k.value.value for k in call.keywords if isinstance(k.value, ast.Constant)}
    assert plain == sent


def test_a_sample_is_fetched_from_the_app_and_ones_own_picture_is_a_file():
    text = CALLS["restyle"]
    assert text.count(ORIGIN) == 1
    assert 'urlretrieve(app + "samples/photos/cat.jpg")' in text
    assert 'style=handle_file("style.jpg"),  # your own picture' in text
