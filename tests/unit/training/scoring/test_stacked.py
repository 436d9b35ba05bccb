"""Stacked digits are counted by a digit classifier in each colour; the critics and the seeds are told apart."""

import json
from pathlib import Path

import pytest
import torch

from models.gan.training import recipe
from models.hub import manifest
from training.data import datasets
from training.scoring import battles, report, sheets


def test_real_stacked_digits_show_nearly_all_thousand_kinds():
    pictures, _ = datasets.stacked_mnist(train=False)
    digits = pictures[:3000].float() / 127.5 - 1
    figures = report.stacked_figures(digits.split(500), report.judge_of("stacked-mnist"))
    assert 920 <= figures["modes_found"] <= 1000  # 3000 fair draws leave out about 50 of 1000
    assert figures["kl_to_uniform"] < 0.3


def test_one_picture_again_and_again_is_one_kind():
    pictures, _ = datasets.stacked_mnist(train=False)
    repeated = (pictures[:1].float() / 127.5 - 1).repeat(20, 1, 1, 1)
    figures = report.stacked_figures([repeated], report.judge_of("stacked-mnist"))
    assert figures == {"modes_found": 1, "kl_to_uniform": pytest.approx(6.90776)}


@pytest.mark.parametrize(
    ("game", "critic"),
    [
        ("wasserstein", True),
        ("relativistic", True),
        ("least-squares", True),
        ("hinge", False),
        ("non-saturating", False),
    ],
)
def test_a_discriminator_that_only_compares_is_calibrated(game: str, critic: bool, monkeypatch: pytest.MonkeyPatch):
    settings = recipe.read("mnist-dcgan").model_copy(update={"game": game})
    monkeypatch.setattr(recipe, "read", lambda name: settings)
    assert battles._is_critic("mnist-dcgan") == critic


def test_a_model_whose_discriminator_judges_packs_does_not_fight(monkeypatch: pytest.MonkeyPatch):
    packed = recipe.read("mnist-dcgan").model_copy(update={"pack": 4})
    entries = {name: entry for name, entry in manifest.read().items() if name != "mnist-dcgan-discriminator"}
    monkeypatch.setattr(recipe, "read", lambda name: packed)
    monkeypatch.setattr(manifest, "read", lambda: entries)  # as training.gan.export leaves it
    assert battles.battles("mnist-dcgan") == {}


def test_a_nearest_sheet_shows_each_sample_above_a_training_picture():
    sheet = sheets.nearest_sheet("mnist-dcgan", columns=4, among=2000)
    assert sheet.shape == (8, 1, 32, 32)
    training = {bytes(picture.numpy()) for picture in datasets.mnist()[0]}
    levels = ((sheet + 1) * 127.5).round().to(torch.uint8)
    assert all(bytes(picture.numpy()) in training for picture in levels[4:])
    assert not any(bytes(picture.numpy()) in training for picture in levels[:4])


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Weights of a model, of two more training seeds of it, and of another model."""
    text = (manifest.FOLDER / "manifest.toml").read_text()
    entry = text[text.index("[mnist-dcgan]") : text.index("[[mnist-dcgan.files]]")]
    file = f'[[NAME.files]]\npath = "model.safetensors"\nsha256 = "{"0" * 64}"\nbytes = 1\n'
    names = {"mnist-dcgan": 9.0, "mnist-dcgan-seed-2": 9.6, "mnist-dcgan-seed-1": 9.3, "mnist-dcgan-seedless": 1.0}
    written = ""
    for name, score in names.items():
        written += (entry + file).replace("[mnist-dcgan]", f"[{name}]").replace("NAME", name)
        (tmp_path / name).mkdir()
        steps = {"500": {"inception_score": 1.0}, "20000": {"inception_score": score}}
        (tmp_path / name / "metrics.json").write_text(json.dumps({"steps": steps}))
    (tmp_path / "manifest.toml").write_text(written)
    return tmp_path


def test_training_seeds_have_a_mean_and_a_deviation(runs: Path):
    assert sheets.runs_of("mnist-dcgan", folder=runs) == ["mnist-dcgan", "mnist-dcgan-seed-1", "mnist-dcgan-seed-2"]
    inception_score = sheets.over_seeds("mnist-dcgan", folder=runs)["inception_score"]
    assert inception_score == (pytest.approx(9.3), pytest.approx(0.3), 3)


def test_a_single_run_has_no_deviation(runs: Path):
    assert sheets.over_seeds("mnist-dcgan-seedless", folder=runs)["inception_score"] == (1.0, 0.0, 1)
