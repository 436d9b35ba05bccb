"""Two processes that `torchrun` starts train as one does with the same batch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.support import training_together
from tests.support.folders import ROOT
from tests.support.training_together import RECIPES, STEPS

NAMES = [*(name for name in RECIPES if name not in ("half", "continued")), "cycle"]
TOGETHER = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node"]

# float32 adds the two halves of a batch in another order. Adam divides a gradient by its own size, so where the true
# gradient is zero (attention's inputs at first, a bias before a normalisation) it is rounding that moves a weight by a
# whole step. Those weights have no effect at first, and a small one later.
FIRST, AT_FIRST, LATER = 5, 1e-5, 2e-2


def start(*command: str, folder: Path, names: list[str]) -> subprocess.CompletedProcess[str]:
    arguments = [*command, "-m", training_together.__name__, str(folder), *names]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)


def losses(folder: Path) -> list[dict[str, float]]:
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in row.items() if name == "step" or "loss" in name} for row in rows]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / f"step-{STEPS:06d}.pt", weights_only=True)


@pytest.fixture(scope="module")
def by_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process leaves."""
    folder = tmp_path_factory.mktemp("one")
    ended = start(sys.executable, folder=folder, names=[*NAMES, "half"])
    assert ended.returncode == 0, ended.stderr[-3000:]
    return folder


@pytest.fixture(scope="module")
def by_two(by_one: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes leave; one of their runs continues what a single process began."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "continued").mkdir()
    shutil.copy(by_one / "half" / "checkpoint.pt", folder / "continued")
    ended = start(*TOGETHER, "2", folder=folder, names=[*NAMES, "continued"])
    assert ended.returncode == 0, ended.stderr[-3000:]
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_two_processes_have_the_losses_of_one(by_one: Path, by_two: Path, name: str):
    alone, together = losses(by_one / name), losses(by_two / name)

    assert len(alone) == len(together) == STEPS  # only one of the two writes
    for step, (expected, row) in enumerate(zip(alone, together, strict=True)):
        assert row == pytest.approx(expected, rel=AT_FIRST if step < FIRST else LATER, abs=1e-6)


def test_two_processes_end_with_the_weights_of_one(by_one: Path, by_two: Path):
    expected = weights(by_one / "plain")
    trained = weights(by_two / "plain")

    assert trained.keys() == expected.keys()  # batch norm's statistics among them
    for name, tensor in trained.items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)


def test_two_processes_continue_what_one_began(by_one: Path, by_two: Path):
    rest = losses(by_two / "continued")

    assert rest == [pytest.approx(row, rel=AT_FIRST) for row in losses(by_one / "plain")[STEPS // 2 :]]


def test_a_batch_that_cannot_be_split_is_refused(tmp_path: Path):
    ended = start(*TOGETHER, "3", folder=tmp_path, names=["plain"])

    assert ended.returncode != 0
    assert "3 processes can't share a batch of 8 evenly. Start 1, 2, 4, 8 of them." in ended.stderr
    assert "UnevenError" not in ended.stderr
