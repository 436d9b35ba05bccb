"""The training step that a GPU records computes what the plain one does, with nothing to convert or to read."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from benchmarks.operations import Operations
from models.gan import dcgan
from models.gan.training import recipe
from models.gan.training.adversarial import AdversarialRun
from models.gan.training.draws import Draws
from models.gan.training.recipe import Recipe

CPU = torch.device("cpu")
ON_GPU: dict[type[nn.Module], type[nn.Module]] = {  # what these layers do on other devices than a CPU
    dcgan.FromPicture: nn.Conv2d,
    dcgan.ToPicture: nn.ConvTranspose2d,
}


class Float32(AdversarialRun):
    """A plain run in float32, also on a processor with bfloat16."""

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", enabled=False)


@pytest.fixture
def pictures() -> torch.Tensor:
    return torch.randint(0, 256, (50, 3, 16, 16), generator=torch.Generator().manual_seed(5), dtype=torch.uint8)


def small(**changes: Any) -> Recipe:
    values = {
        "name": "small",
        "title": "Small",
        "data": "cifar10",
        "seed": 0,
        "steps": 12,
        "snapshots": [0, 12],
        "batch": 8,
        "ema": 0.9,
        "generator": {"z_dim": 8, "width": 4, "modes": 4},
        "discriminator": {"width": 4, "batch_norm": False},
        "optimiser": {"generator_lr": 1e-3, "discriminator_lr": 1e-3, "betas": (0.5, 0.9), "decay_from": 4},
    }
    return Recipe.model_validate({**values, **changes})


CHANGES: list[dict[str, Any]] = [
    {},
    {"r1": 1.0},
    {"r1": 1.0, "augment": ["colour", "translation", "cutout"]},
    {"d_steps": 2, "g_steps": 2, "real_target": (0.7, 1.0)},
    {"game": "wasserstein", "gradient_penalty": 10.0},
    {"game": "relativistic", "pack": 2, "r2": 0.1},
    {"network": "sagan", "generator": {"z_dim": 8, "width": 8}, "discriminator": {"width": 8}},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes), "plain"))
def test_a_static_step_draws_and_computes_what_the_plain_one_does(changes: dict[str, Any], pictures: torch.Tensor):
    plain = Float32(small(**changes), pictures, device=CPU, static=False)
    static = AdversarialRun(small(**changes), pictures, device=CPU, static=True)
    for _ in range(3):
        expected, actual = plain.advance(), static.advance()
        assert dict(actual.figures) == pytest.approx(dict(expected.figures), rel=1e-3, abs=1e-4)
    assert torch.equal(plain.random.get_state(), static.random.get_state())
    assert actual.step == 3


def test_a_static_run_that_was_stopped_goes_on_to_the_same_weights(pictures: torch.Tensor, tmp_path: Path):
    settings = small(r1=1.0)
    whole = AdversarialRun(settings, pictures, device=CPU, static=True)
    for progress in whole.progress():
        if progress.step == 5:
            torch.save(whole.state_dict(), tmp_path / "checkpoint.pt")
    resumed = AdversarialRun(settings, pictures, device=CPU, static=True)
    resumed.advance()  # has found its place already
    resumed.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    for _ in resumed.progress():
        pass
    assert resumed.step == whole.step == 12
    for name, tensor in whole.average.state_dict().items():
        assert torch.equal(resumed.average.state_dict()[name], tensor), name


@pytest.mark.parametrize("static", [True, False])
def test_a_run_goes_on_from_the_other_path_s_checkpoint(pictures: torch.Tensor, static: bool):
    first = Float32(small(), pictures, device=CPU, static=not static)
    for _ in range(6):
        first.advance()
    second = Float32(small(), pictures, device=CPU, static=static)
    second.load_state_dict(copy.deepcopy(first.state_dict()))  # a checkpoint shares no tensors
    assert float(second.g_optimiser.param_groups[0]["lr"]) == pytest.approx(0.00075)
    expected, actual = first.advance(), second.advance()
    assert dict(actual.figures) == pytest.approx(dict(expected.figures), rel=1e-4)


def flagship(*, static: bool) -> AdversarialRun:
    """The flagship's run on random digits, with the layers that a GPU uses."""
    digits = torch.randint(0, 256, (200, 1, 32, 32), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    run = AdversarialRun(recipe.read("mnist-dcgan"), digits, device=CPU, static=static)
    for network in (run.generator, run.discriminator, run.average):
        for module in network.modules():
            module.__class__ = ON_GPU.get(type(module), type(module))
    return run


def test_a_step_of_the_flagship_reads_nothing_and_converts_nothing():
    run = flagship(static=True)
    run.advance()
    run.draws.renew()
    with Operations() as operations:
        run.static_step()
    assert operations.names["aten::_fused_adam_"] == 2
    assert operations.reads == []
    assert operations.conversions == []


def test_its_figures_are_read_when_one_is_wanted_and_not_before():
    run = flagship(static=True)
    run.advance()
    with Operations() as operations:
        figures = run.advance().figures
        assert list(figures) == ["d_loss", "g_loss", "d_real", "d_fake"]
    assert operations.reads == []
    later = run.advance().figures
    assert figures["d_loss"] != later["d_loss"], "a figure stays that of its step"


def test_counting_finds_a_read_and_a_conversion():
    """What the tests above would find."""
    numbers = torch.ones(2, 3, 4, 4)
    with Operations() as operations:
        numbers.mean().item()
        numbers.half()
        numbers.to(memory_format=torch.channels_last)
        numbers.clone()
    assert operations.reads == ["aten::_local_scalar_dense"]
    assert len(operations.conversions) == 2


def test_all_that_a_step_finds_in_place_stays_there(pictures: torch.Tensor):
    run = AdversarialRun(small(r1=1.0, augment=["cutout"]), pictures, device=CPU, static=True)
    run.advance()

    def places() -> list[int]:
        states = [run.generator.state_dict(), run.discriminator.state_dict(), run.average.state_dict()]
        moments = [m for o in (run.g_optimiser, run.d_optimiser) for state in o.state.values() for m in state.values()]
        rates = [o.param_groups[0]["lr"] for o in (run.g_optimiser, run.d_optimiser)]
        kept = [*(tensor for state in states for tensor in state.values()), *moments, *rates]
        return [tensor.data_ptr() for tensor in kept]

    before = places()
    for _ in range(6):
        run.advance()
    assert places() == before
    assert float(run.g_optimiser.param_groups[0]["lr"]) < 1e-3, "the rate falls in its place"


def test_numbers_in_place_are_those_of_new_tensors_and_keep_their_place():
    new, kept = (Draws(torch.Generator().manual_seed(3), CPU, in_place=in_place) for in_place in (False, True))
    places = set()
    for _ in range(3):
        kept.renew()
        kept.begin()
        for draw in (lambda d: d.normal(4, 2), lambda d: d.integers(0, 9, 5), lambda d: d.uniform(3)):
            expected, actual = draw(new), draw(kept)
            assert torch.equal(actual, expected)
            places.add(actual.data_ptr())
    assert len(places) == 3
