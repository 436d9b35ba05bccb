"""The guides of CONTRIBUTING.md work: each is followed here with its own code blocks."""

import importlib.util
import re
import shutil
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import gradio as gr
import pytest
import torch

from models.gan.latent import sample_z
from models.gan.training import recipe
from models.gan.training.adversarial import AdversarialRun
from models.hub import loading, registry
from serving.local import LocalEngine
from studies.__main__ import main as studies_command
from tests.support.folders import ROOT
from training.runs import running

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GUIDES = dict(re.findall(r"^## (Add a \w+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE))


def blocks(guide: str, language: str) -> list[str]:
    fenced = re.findall(rf"^( *)```{language}\n(.*?)^\1```", GUIDES[guide], re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(block) for _, block in fenced]


def module(path: Path, text: str) -> ModuleType:
    """Write a module and import it."""
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_there_are_five_guides_of_five_steps():
    assert list(GUIDES) == ["Add a tab", "Add a model", "Add a recipe", "Add a study", "Add a metric"]
    for guide, body in GUIDES.items():
        assert re.findall(r"^(\d)\. ", body, re.MULTILINE) == ["1", "2", "3", "4", "5"], guide


def test_a_tab_is_built_against_the_engine_and_answers(engine: LocalEngine, tmp_path: Path):
    (code,) = blocks("Add a tab", "python")

    tab = module(tmp_path / "tab.py", code).build(engine)

    assert isinstance(tab, gr.Blocks)
    (event,) = tab.fns.values()
    assert event.fn is not None
    assert event.fn("mnist-dcgan") == "32 pixels a side"


def test_a_model_is_written_verified_and_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    network, command = blocks("Add a model", "python")
    linear = module(tmp_path / "linear.py", network)
    Generator = linear.Generator
    monkeypatch.setitem(sys.modules, "linear", linear)
    monkeypatch.setitem(registry.ARCHITECTURES, Generator.architecture, "linear:Generator")
    weights = tmp_path / "weights"

    written: dict = {"Generator": Generator, "folder": weights}
    exec(command, written)

    loading.verify("linear", folder=weights)
    loaded = loading.load("linear", folder=weights)
    z = sample_z(0, 4, 8)
    assert loaded(z).shape == (4, 1, 16, 16)
    torch.testing.assert_close(loaded(z), written["generator"](z), atol=2e-3, rtol=0)  # half precision


def test_a_recipe_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (text,) = blocks("Add a recipe", "toml")
    recipes, folder = tmp_path / "recipes", tmp_path / "run"
    shutil.copytree(recipe.RECIPES, recipes)
    (recipes / "mine.toml").write_text(text, encoding="utf-8")
    folder.mkdir()
    monkeypatch.setattr(recipe, "RECIPES", recipes)
    assert "mine" in recipe.names()
    whole = recipe.read("mine")
    settings = whole.model_copy(update={"steps": 2, "snapshots": [0, 2], "batch": 8})
    pictures = torch.randint(0, 256, (64, 1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))

    device = torch.device("cpu")
    running.train(AdversarialRun(settings, pictures, device=device), settings, folder, device=device)

    assert whole.generator.z_dim == 100
    assert {path.name for path in folder.glob("step-*.pt")} == {"step-000000.pt", "step-000002.pt"}


def test_a_study_passes_the_check_and_shows_its_arms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (text,) = blocks("Add a study", "toml")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/votes.sqlite3")

    monkeypatch.setattr(
        sys, "argv", ["studies", "check", str(tmp_path / "mine.toml"), "--preview", str(tmp_path / "sheet")]
    )
    studies_command()

    assert "Early and late" in capsys.readouterr().out
    assert list((tmp_path / "sheet").iterdir())


def test_a_metric_is_computed(tmp_path: Path):
    (code,) = blocks("Add a metric", "python")

    metric = module(tmp_path / "largest_share.py", code).largest_share

    assert metric(torch.arange(100) % 10, classes=10) == pytest.approx(0.1)
    assert metric(torch.full((100,), 3), classes=10) == 1.0
    with pytest.raises(ValueError, match="at least one sample"):
        metric(torch.empty(0, dtype=torch.int64), classes=10)
