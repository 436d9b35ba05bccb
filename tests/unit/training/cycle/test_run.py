"""A pair of translators: reproducible to the bit, resumable, starting from the pictures themselves."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from models import tensors
from models.gan.cyclegan import PatchDiscriminator, Translator
from models.gan.training import recipe
from models.gan.training.recipe import CycleRecipe
from models.hub import loading
from training.cycle import export
from training.cycle.replay import ReplayPool
from training.cycle.run import CycleRun
from training.data import emoji
from training.runs import running

STEPS = 30


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(5)
    first, second = (torch.randint(0, 256, (count, 3, 16, 16), generator=random, dtype=torch.uint8) for count in (9, 7))
    return first, second


def small(**changes: Any) -> CycleRecipe:
    return CycleRecipe.model_validate(
        {
            "name": "small",
            "title": "Small",
            "size": 16,
            "seed": 0,
            "steps": STEPS,
            "snapshots": [0, 10, STEPS],
            "batch": 2,
            "ema": 0.9,
            "cycle": 10.0,
            "identity": 5.0,
            "pool": 6,
            "augment": ["translation"],
            "generator": {"width": 4, "halvings": 1, "blocks": 1},
            "discriminator": {"width": 4},
            "optimiser": {"generator_lr": 1e-3, "discriminator_lr": 1e-3, "betas": (0.5, 0.9), "decay_from": 10},
            **changes,
        }
    )


def trained(settings: CycleRecipe, pictures: tuple[torch.Tensor, torch.Tensor], *, steps: int = STEPS) -> CycleRun:
    run = CycleRun(settings, *pictures, device=torch.device("cpu"))
    for progress in run.progress():
        if progress.step == steps:
            break
    return run


def same(run: CycleRun, other: CycleRun) -> bool:
    pairs = zip(run.average.state_dict().values(), other.average.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(
    "changes",
    [{"seed": 1}, {"cycle": 0.0}, {"identity": 0.0}, {"pool": 0}, {"augment": []}],
    ids=lambda changes: next(iter(changes)),
)
def test_each_setting_changes_the_weights_reproducibly(
    changes: dict[str, Any], pictures: tuple[torch.Tensor, torch.Tensor]
):
    changed = trained(small(**changes), pictures)
    assert same(changed, trained(small(**changes), pictures))
    assert not same(changed, trained(small(), pictures))


def test_a_stopped_run_resumes_to_the_same_weights(pictures: tuple[torch.Tensor, torch.Tensor], tmp_path: Path):
    torch.save(trained(small(), pictures, steps=13).state_dict(), tmp_path / "checkpoint.pt")
    torch.manual_seed(99)  # another process
    resumed = CycleRun(small(), *pictures, device=torch.device("cpu"))
    resumed.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    for _ in resumed.progress():
        pass
    assert resumed.step == STEPS
    assert same(resumed, trained(small(), pictures))


def test_a_new_translator_leaves_every_picture_as_it_is():
    picture = torch.linspace(-1, 1, 3 * 16 * 16).view(1, 3, 16, 16)
    assert torch.equal(Translator(width=4, blocks=1)(picture), picture)


def test_a_trained_translator_keeps_to_the_range():
    translator, picture = Translator(width=4, blocks=1), torch.linspace(-1, 1, 3 * 16 * 16).view(1, 3, 16, 16)
    translator.layers[-1].bias.data.fill_(0.5)
    assert translator(picture).max() > 1
    assert translator.eval()(picture).max() == 1


def test_a_translator_takes_any_size_that_it_can_halve():
    translator = Translator(width=4, halvings=2, blocks=1)
    assert translator(torch.zeros(1, 3, 20, 36)).shape == (1, 3, 20, 36)
    with pytest.raises(ValueError, match=r"multiples of 4, got \(20, 34\)"):
        translator(torch.zeros(1, 3, 20, 34))


def test_patches_are_judged_by_themselves():
    judge, picture = PatchDiscriminator(width=4), torch.zeros(1, 3, 64, 64)
    assert judge(picture).shape == (1, 1, 16, 16)


def test_a_pool_returns_its_input_until_it_is_full_and_then_old_pictures_too():
    pool, random = ReplayPool(4), torch.Generator().manual_seed(0)
    numbered = torch.arange(200.0).view(-1, 1, 1, 1)
    assert torch.equal(pool.exchange(numbered[:4], random), numbered[:4])
    back = pool.exchange(numbered[4:], random).flatten()
    older = back != numbered[4:].flatten()
    assert older.float().mean().item() == pytest.approx(0.5, abs=0.12)
    assert (back[older] < numbered[4:].flatten()[older]).all()
    assert len(back.unique()) == len(back)  # each is returned once


def test_a_pool_of_size_0_keeps_no_pictures():
    pool, random = ReplayPool(0), torch.Generator().manual_seed(0)
    numbered = torch.arange(20.0).view(-1, 1, 1, 1)
    assert torch.equal(pool.exchange(numbered, random), numbered)
    assert pool.state_dict() == {}


@pytest.mark.parametrize("name", recipe.cycle_names())
def test_every_shipped_recipe_reads_and_has_its_data(name: str):
    settings = recipe.read_cycle(name)
    first, second = (
        emoji.drawings(vendor, settings.categories, size=settings.size) for vendor in ("twitter", "google")
    )
    assert first.shape == second.shape
    assert first.shape[1:] == (3, settings.size, settings.size)


def test_an_unknown_recipe_is_refused_with_a_list_of_the_known_ones():
    with pytest.raises(recipe.RecipeError, match=r"there are: .*emoji-cyclegan"):
        recipe.read_cycle("horses")


def test_a_finished_run_becomes_two_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = small(categories=["Activities"], size=16)
    sets = [emoji.drawings(vendor, ["Activities"], size=16) for vendor in ("twitter", "google")]
    monkeypatch.setattr(running, "LOG_EVERY", 10)
    (tmp_path / "run").mkdir()
    run = CycleRun(settings, *sets, device=torch.device("cpu"))
    running.train(run, settings, tmp_path / "run", device=torch.device("cpu"))

    written = export.write(settings, tmp_path / "run", weights=tmp_path / "weights")

    assert [path.name for path in written] == ["small-twemoji-to-noto", "small-noto-to-twemoji"]
    rows = [json.loads(line) for line in (written[0] / "log.jsonl").read_text().splitlines()]
    assert rows[-1].keys() == {"step", "d_loss", "g_loss", "cycle_loss", "identity_loss", "seconds"}
    for path, way in zip(written, ("forth", "back"), strict=True):
        loading.verify(path.name, folder=tmp_path / "weights")
        shipped = loading.load(path.name, step=STEPS, folder=tmp_path / "weights")
        x = tensors.from_uint8(sets[0][:4])
        assert (shipped(x) - run.average[way](x)).abs().max() / 2 <= 2 / 255
