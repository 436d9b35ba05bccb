"""The shipped scores are read from the shipped files, without torch, and a model without scores is refused."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from evaluation.quantitative import scores
from evaluation.quantitative.scores import ScoresError


def shipped(name: str) -> dict:
    return json.loads((scores.FOLDER / name / scores.METRICS).read_text())


@pytest.mark.parametrize("name", scores.scored())
def test_every_shipped_figure_is_read(name: str):
    written, model = shipped(name), scores.read(name)
    assert list(model.steps) == sorted(int(step) for step in written["steps"])
    for step, figures in written["steps"].items():
        assert {key: value for key, value in asdict(model.steps[int(step)]).items() if value is not None} == figures
    assert model.real.kl_to_uniform == written["real_test_set"]["kl_to_uniform"]
    assert (model.judge, model.samples, model.seed) == (written["judge"]["name"], written["samples"], written["seed"])
    assert set(model.battles) == set(written["battles"])
    for opponent, battle in model.battles.items():
        figures = written["battles"][opponent]
        assert (battle.r_test, battle.r_samples, battle.winner) == tuple(
            figures[key] for key in ("r_test", "r_samples", "winner")
        )
        assert (battle.likelihoods, battle.calibrated) == (figures["likelihoods"], tuple(figures.get("calibrated", ())))


def test_the_finished_model_is_the_last_step():
    model = scores.read("mnist-dcgan")
    assert model.final == model.steps[20_000]
    assert model.final.fid < model.steps[500].fid < model.steps[0].fid


def test_stacked_digits_have_modes_and_no_inception_score():
    final = scores.read("stacked-collapse").final
    assert final.modes_found is not None
    assert final.inception_score is None


def test_a_battle_and_its_return_match_agree():
    here, there = scores.read("mnist-dcgan").battles["mnist-g5"], scores.read("mnist-g5").battles["mnist-dcgan"]
    assert here.r_samples * there.r_samples == pytest.approx(1, rel=1e-3)
    assert here.winner == there.winner
    assert here.ratios_disagree == there.ratios_disagree


def test_the_lectures_ratio_disagrees_in_some_shipped_battles():
    battles = [(name, battle) for name in scores.scored() for battle in scores.read(name).battles.values()]
    for name, battle in battles:
        ahead = name if battle.likelihoods < 1 else battle.opponent
        assert battle.ratios_disagree == (battle.winner not in ("tie", ahead))
    assert any(battle.ratios_disagree for _, battle in battles)


@pytest.mark.parametrize("name", ["nobody", "mnist-classifier", "emoji-cyclegan-noto-to-twemoji", "../weights/x"])
def test_a_model_without_scores_of_a_generator_is_refused(name: str):
    with pytest.raises(ScoresError, match="no scores of a generator"):
        scores.read(name)


def test_scores_are_read_without_torch():
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('torch', 'torchvision', 'torchmetrics')));"
        "from evaluation.quantitative import scores; print(scores.read('mnist-dcgan').final.classes_found)"
    )
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.returncode) == ("10", 0), done.stderr
