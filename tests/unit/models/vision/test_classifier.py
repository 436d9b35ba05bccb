"""Classifiers are trained by plans, and augmentation keeps the content of the picture."""

from pathlib import Path

import pytest
import torch

from models.hub import loading
from models.vision.classifier import Classifier
from training import classifier
from training.classifier import PLANS, Plan, augmented
from training.data import datasets


def pictures() -> torch.Tensor:
    return 2 * torch.rand(32, 3, 16, 16, generator=torch.Generator().manual_seed(0)) - 1


def test_an_augmented_picture_stays_in_range_and_a_blank_one_blank():
    random = torch.Generator().manual_seed(1)
    changed = augmented(pictures(), random, mirror=True)
    assert changed.shape == (32, 3, 16, 16)
    assert -1 <= changed.min() <= changed.max() <= 1
    for level in (-1.0, 1.0):  # digits stand on black, emoji on white
        blank = torch.full((4, 1, 16, 16), level)
        torch.testing.assert_close(augmented(blank, random), blank)


def test_half_of_the_pictures_are_mirrored_where_the_plan_says():
    slope = torch.linspace(-1, 1, 16).expand(400, 1, 16, 16)
    rising = [
        (augmented(slope, torch.Generator().manual_seed(2), mirror=mirror)[..., 12] > 0).float().mean().item()
        for mirror in (False, True)
    ]
    assert rising[0] == 1
    assert rising[1] == pytest.approx(0.5, abs=0.08)


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_plan_names_a_data_set(plan: Plan):
    assert plan.data in datasets.DATA_SETS


def test_training_learns_and_writes_a_model_that_verifies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    random = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 3, (512,), generator=random)
    levels = (60 * labels[:, None, None, None] + torch.randint(0, 60, (512, 1, 16, 16), generator=random)).to(
        torch.uint8
    )
    monkeypatch.setitem(datasets.DATA_SETS, "mnist", lambda *, train: (levels, labels))
    plan = Plan("mnist", "Three greys", epochs=20, width=4)

    reached = [progress.accuracy for progress in classifier.train(plan, device=torch.device("cpu"))]
    last = list(classifier.train(plan, device=torch.device("cpu")))[-1]
    written = classifier.write("greys", plan, last.classifier, last.accuracy, weights=tmp_path)

    assert reached[-1] == last.accuracy > 0.9
    loading.verify("greys", folder=tmp_path)
    assert Classifier.from_pretrained(written).head.out_features == 3
    assert f"{last.accuracy:.2%} on 512 test pictures" in (written / "README.md").read_text()
