"""A training run becomes a folder in weights/ that loads like every other."""

import json
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from models import tensors
from models.gan.dcgan import Discriminator, Generator
from models.gan.latent import sample_z
from models.gan.training.adversarial import AdversarialRun
from models.gan.training.recipe import Recipe
from models.hub import loading, manifest
from training.gan import export
from training.runs import running

STEPS = [0, 10, 20]


@pytest.fixture
def settings() -> Recipe:
    return Recipe.model_validate(
        {
            "name": "tiny",
            "title": "Tiny DCGAN",
            "data": "mnist",
            "seed": 0,
            "steps": 20,
            "snapshots": STEPS,
            "batch": 4,
            "ema": 0.9,
            "generator": {"z_dim": 8, "width": 4},
            "discriminator": {"width": 4, "batch_norm": False},
            "optimiser": {"generator_lr": 1e-3, "discriminator_lr": 1e-3, "betas": (0.5, 0.9), "decay_from": 10},
        }
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The files of a finished run, with generators whose weights are as large as trained ones."""
    folder = tmp_path / "run"
    folder.mkdir()
    torch.manual_seed(0)
    for step in STEPS:
        generator = Generator(z_dim=8, width=4, channels=1, size=32).to(memory_format=torch.channels_last)
        for parameter in generator.parameters():
            if parameter.ndim > 1:
                torch.nn.init.normal_(parameter, 0.0, 0.3)
        for _ in range(50):  # until batch normalisation's statistics fit the weights
            generator(torch.randn(16, 8))
        torch.save(generator.state_dict(), folder / f"step-{step:06d}.pt")
    torch.save({"discriminator": Discriminator(width=4, batch_norm=False).state_dict()}, folder / "checkpoint.pt")
    lines = [json.dumps({"step": step, "d_loss": 1.0}) for step in range(1, 1001)]
    (folder / "log.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_each_exported_snapshot_gives_the_pictures_of_the_run(settings: Recipe, run: Path, tmp_path: Path):
    export.write(settings, run, weights=tmp_path / "weights")

    for step in STEPS:
        full = Generator(z_dim=8, width=4, channels=1, size=32).eval().requires_grad_(False)
        full.load_state_dict(torch.load(run / f"step-{step:06d}.pt", weights_only=True))
        half = loading.load("tiny", step=step, folder=tmp_path / "weights")
        z = sample_z(0, 64, 8)
        expected = full(z)
        assert expected.std() > 0.1
        assert (half(z) - expected).abs().max() / 2 <= 2 / 255  # pictures span [-1, 1]


def test_the_folder_has_the_common_layout(settings: Recipe, run: Path, tmp_path: Path):
    folder = export.write(settings, run, weights=tmp_path / "weights")

    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == [
        "README.md",
        "config.json",
        "log.jsonl",
        "model.safetensors",
        "samples.png",
        "snapshots/step-000000.safetensors",
        "snapshots/step-000010.safetensors",
    ]
    assert json.loads((folder / "config.json").read_text()) == {
        "architecture": "dcgan-generator",
        "z_dim": 8,
        "width": 4,
        "modes": 0,
        "channels": 1,
        "size": 32,
    }
    loading.verify("tiny", folder=tmp_path / "weights")
    assert Generator.from_pretrained(folder).z_dim == 8


def test_the_manifest_lists_the_steps_and_keeps_other_entries(settings: Recipe, run: Path, tmp_path: Path):
    weights = tmp_path / "weights"
    export.write(settings.model_copy(update={"name": "other"}), run, weights=weights)
    export.write(settings, run, weights=weights)
    export.write(settings, run, weights=weights)

    entries = loading.entries(folder=weights)
    assert sorted(entries) == ["other", "other-discriminator", "tiny", "tiny-discriminator"]
    assert entries["tiny"].steps == STEPS
    assert entries["tiny"].file(20) == entries["tiny"].file()
    assert entries["tiny"].command == "python -m training.gan tiny"
    assert (weights / manifest.MANIFEST).read_text().count("[tiny]") == 1


def test_the_discriminator_is_exported_unless_it_judges_packs(settings: Recipe, run: Path, tmp_path: Path):
    export.write(settings, run, weights=tmp_path)
    trained = torch.load(run / "checkpoint.pt", weights_only=True)["discriminator"]
    shipped = Discriminator.from_pretrained(tmp_path / "tiny-discriminator").state_dict()
    assert all((shipped[key] - tensor).abs().max() < 1e-3 for key, tensor in trained.items())

    export.write(settings.model_copy(update={"name": "packed", "pack": 2}), run, weights=tmp_path)
    assert not (tmp_path / "packed-discriminator").exists()


def test_a_sagan_is_exported_without_its_spectral_norm(settings: Recipe, tmp_path: Path):
    changes = {"name": "sa", "network": "sagan", "game": "hinge", "steps": 2, "snapshots": [0, 2]}
    tables = {"generator": {"z_dim": 8, "width": 8}, "discriminator": {"width": 8}}
    optimiser = {"optimiser": settings.optimiser.model_copy(update={"decay_from": None})}
    sa = Recipe.model_validate({**settings.model_dump(), **changes, **tables, **optimiser})
    pictures = torch.randint(0, 256, (20, 1, 32, 32), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    trained, device = AdversarialRun(sa, pictures, device=torch.device("cpu")), torch.device("cpu")
    (tmp_path / "run").mkdir()
    running.train(trained, sa, tmp_path / "run", device=device)

    export.write(sa, tmp_path / "run", weights=tmp_path / "weights")

    z = sample_z(0, 4, 8)
    shipped = loading.load("sa", folder=tmp_path / "weights")
    assert (shipped(z) - trained.average(z)).abs().max() / 2 <= 2 / 255
    judge, real = loading.load("sa-discriminator", folder=tmp_path / "weights"), tensors.from_uint8(pictures[:4])
    torch.testing.assert_close(judge(real), trained.discriminator.eval()(real), rtol=1e-2, atol=1e-2)
    assert "from models.gan.sagan import Generator" in (tmp_path / "weights" / "sa" / "README.md").read_text()


def test_a_shorter_recipe_removes_old_snapshots(settings: Recipe, run: Path, tmp_path: Path):
    export.write(settings, run, weights=tmp_path)
    folder = export.write(settings.model_copy(update={"snapshots": [20]}), run, weights=tmp_path)
    assert not (folder / "snapshots").exists()
    assert loading.entries(folder=tmp_path)["tiny"].steps == [20]


def test_an_unfinished_run_is_refused(settings: Recipe, run: Path, tmp_path: Path):
    (run / "step-000020.pt").unlink()
    with pytest.raises(FileNotFoundError, match="step-000020"):
        export.write(settings, run, weights=tmp_path / "weights")
    assert not (tmp_path / "weights").exists()


def test_a_log_is_shortened_and_ends_with_its_last_row():
    lines = [json.dumps({"step": step}) for step in range(100, 100_001, 100)]
    kept = [json.loads(line)["step"] for line in running.thinned(lines)]
    assert len(kept) == running.LOG_ROWS
    assert kept[-1] == 100_000
    assert len({b - a for a, b in pairwise(kept)}) == 1


def test_a_log_of_a_resumed_run_has_each_step_once():
    lines = [json.dumps(row) for row in ({"step": 1, "g": 1}, {"step": 2, "g": 1}, {"step": 2, "g": 9})]
    assert [json.loads(line) for line in running.thinned(lines)] == [{"step": 1, "g": 1}, {"step": 2, "g": 9}]


def test_an_empty_log_stays_empty():
    assert running.thinned([]) == []


def test_the_manifest_is_toml_that_anyone_can_read(settings: Recipe, run: Path, tmp_path: Path):
    export.write(settings, run, weights=tmp_path)
    assert tomllib.loads((tmp_path / "manifest.toml").read_text())["tiny"]["config"]["z_dim"] == 8
