"""A training run is reproducible to the bit, stops and goes on to the same weights, and obeys its recipe's switches."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models.gan.training.adversarial import AdversarialRun
from models.gan.training.recipe import Recipe
from training.runs import running

STEPS = 30


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randint(0, 256, (50, 1, 16, 16), generator=torch.Generator().manual_seed(5), dtype=torch.uint8)


def small(**changes: Any) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "small",
            "title": "Small",
            "data": "mnist",
            "seed": 0,
            "steps": STEPS,
            "snapshots": [0, 10, STEPS],
            "batch": 8,
            "ema": 0.9,
            "generator": {"z_dim": 8, "width": 4, "modes": 4},
            "discriminator": {"width": 4, "batch_norm": False},
            "optimiser": {"generator_lr": 1e-2, "discriminator_lr": 1e-2, "betas": (0.5, 0.9), "decay_from": 10},
            **changes,
        }
    )


def trained(settings: Recipe, pictures: torch.Tensor, *, steps: int = STEPS) -> AdversarialRun:
    run = AdversarialRun(settings, pictures, device=torch.device("cpu"))
    for progress in run.progress():
        if progress.step == steps:
            break
    return run


def same(first: AdversarialRun, second: AdversarialRun) -> bool:
    if first.average.state_dict().keys() != second.average.state_dict().keys():
        return False
    pairs = zip(first.average.state_dict().values(), second.average.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


SWITCHES: list[dict[str, Any]] = [
    {"seed": 1},
    {"real_target": (0.7, 1.0)},
    {"d_steps": 2},
    {"g_steps": 2},
    {"pack": 2},
    {"r1": 1.0},
    {"r2": 1.0},
    {"gradient_penalty": 10.0},
    {"noise": {"start": 0.5, "until": 20}},
    {"game": "relativistic"},
    {"game": "wasserstein"},
    {"game": "hinge"},
    {"game": "least-squares"},
    {"augment": ["colour", "translation", "cutout"]},
    {"discriminator": {"width": 4, "batch_norm": True}},
    {"network": "sagan", "generator": {"z_dim": 8, "width": 8}, "discriminator": {"width": 8}},
]


@pytest.mark.parametrize("changes", SWITCHES, ids=lambda changes: next(iter(changes)))
def test_a_switch_changes_the_weights_and_they_can_be_had_again(changes: dict[str, Any], pictures: torch.Tensor):
    changed = trained(small(**changes), pictures)
    assert same(changed, trained(small(**changes), pictures))
    assert not same(changed, trained(small(), pictures))
    assert all(tensor.isfinite().all() for tensor in changed.average.state_dict().values())


@pytest.mark.parametrize("changes", [{}, *SWITCHES], ids=lambda changes: next(iter(changes), "plain"))
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    changes: dict[str, Any], pictures: torch.Tensor, tmp_path: Path
):
    settings = small(**changes)
    torch.save(trained(settings, pictures, steps=13).state_dict(), tmp_path / "checkpoint.pt")
    torch.manual_seed(99)  # another process
    resumed = AdversarialRun(settings, pictures, device=torch.device("cpu"))
    resumed.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    for _ in resumed.progress():
        pass
    assert resumed.step == STEPS
    assert same(resumed, trained(settings, pictures))


def test_noise_has_faded_when_the_recipe_says(pictures: torch.Tensor):
    run = AdversarialRun(small(noise={"start": 0.5, "until": 20}), pictures, device=torch.device("cpu"))
    blank = torch.zeros(64, 1, 16, 16)
    assert run._noisy(blank).std().item() == pytest.approx(0.5, rel=0.05)
    run.step = 10
    assert run._noisy(blank).std().item() == pytest.approx(0.25, rel=0.05)
    run.step = 20
    assert run._noisy(blank) is blank


def test_smoothed_targets_lie_where_the_recipe_says(pictures: torch.Tensor):
    targets = AdversarialRun(small(real_target=(0.7, 1.0)), pictures, device=torch.device("cpu"))._targets(1000)
    assert 0.7 <= targets.min() < 0.71
    assert 0.99 < targets.max() <= 1.0


def test_no_average_is_the_generator_itself(pictures: torch.Tensor):
    run = trained(small(ema=0.0), pictures)
    states = zip(run.average.state_dict().values(), run.generator.state_dict().values(), strict=True)
    assert all(torch.equal(mean, now) for mean, now in states)


def train(settings: Recipe, pictures: torch.Tensor, folder: Path) -> None:
    device = torch.device("cpu")
    running.train(AdversarialRun(settings, pictures, device=device), settings, folder, device=device)


def test_training_leaves_snapshots_a_log_and_a_checkpoint(
    pictures: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(running, "LOG_EVERY", 10)
    train(small(), pictures, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "checkpoint.pt",
        "log.jsonl",
        *(f"step-{step:06d}.pt" for step in (0, 10, STEPS)),
    }
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [10, 20, STEPS]
    assert rows[0].keys() == {"step", "d_loss", "g_loss", "d_real", "d_fake", "seconds"}
    before = (tmp_path / "checkpoint.pt").read_bytes()
    train(small(), pictures, tmp_path)  # there is nothing left to do
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
