"""The scores against other libraries' and hand-made sets, and the figures that are shipped against their files."""

import json
import math

import pytest
import torch
from huggingface_hub import ModelCard
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric

from evaluation.quantitative.coverage import coverage
from evaluation.quantitative.fid import fid
from evaluation.quantitative.inception_score import inception_score
from evaluation.quantitative.memorisation import closeness, nearest
from models.hub import manifest
from training.scoring.__main__ import RATERS

SCORED = sorted(path.parent.name for path in manifest.FOLDER.glob("*/metrics.json"))


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_inception_score_is_torch_fidelity_s():
    logits = 3 * drawn(1000, 10)
    order = torch.randperm(1000, generator=torch.Generator().manual_seed(4))

    actual, expected = inception_score(logits, seed=4), isc_features_to_metric(logits[order], shuffle=False)

    assert actual.mean == pytest.approx(expected["inception_score_mean"], abs=1e-6)
    biased = actual.std * math.sqrt(9 / 10)  # the other library divides by the number of splits
    assert biased == pytest.approx(expected["inception_score_std"], abs=1e-6)


def test_the_inception_score_goes_from_one_to_the_number_of_classes():
    assert inception_score(torch.zeros(100, 10)).mean == pytest.approx(1)
    assert inception_score(100 * torch.eye(10).repeat(1000, 1)).mean == pytest.approx(10, abs=0.1)
    assert inception_score(100 * torch.eye(10)[:1].repeat(100, 1)).mean == pytest.approx(1, abs=1e-6)


def test_scoring_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    inception_score(drawn(100, 10))
    assert torch.equal(torch.get_rng_state(), before)


def test_fewer_pictures_than_splits_are_refused():
    with pytest.raises(ValueError, match="need at least 10 pictures, got 9"):
        inception_score(torch.zeros(9, 10))


def test_the_distance_is_torch_fidelity_s():
    ours, real = 1.5 * drawn(2000, 16) + 0.2, drawn(3000, 16, seed=1)
    first, second = (fid_features_to_statistics(features) for features in (ours, real))
    expected = fid_statistics_to_metric(first, second, verbose=False)["frechet_inception_distance"]
    assert fid(ours, real) == pytest.approx(expected, abs=1e-3)


def test_the_distance_of_two_shifted_gaussians_is_the_square_of_the_shift():
    features = drawn(5000, 4)
    assert fid(features + 3, features) == pytest.approx(4 * 3**2, rel=1e-4)


@pytest.mark.parametrize("shape", [(5000, 4), (300, 64), (20, 64), (2, 3)])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_distance_of_a_set_to_itself_is_zero_in_any_order(shape: tuple[int, int], scale: float):
    features = scale * drawn(*shape) + 5 * scale
    assert fid(features, features) == 0
    assert fid(features, features.flip(0)) == 0


def test_the_distance_is_never_negative():
    assert all(fid(drawn(40, 64, seed=seed) * 1e-6 + 1, torch.ones(40, 64)) >= 0 for seed in range(3))


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_figures_of_values_that_are_not_finite_are_refused(value: float):
    broken = drawn(100, 10)
    broken[7, 3] = value
    with pytest.raises(ValueError, match="every logit has to be a finite number"):
        inception_score(broken)
    with pytest.raises(ValueError, match="every feature has to be a finite number"):
        fid(drawn(100, 10), broken)


@pytest.mark.parametrize("pair", [((1, 4), (9, 4)), ((9, 4), (9, 5))])
def test_features_that_do_not_compare_are_refused(pair: tuple[tuple[int, int], tuple[int, int]]):
    with pytest.raises(ValueError, match="two sets of features"):
        fid(*(torch.zeros(shape) for shape in pair))


def test_coverage_counts_the_classes_above_the_floor():
    predicted = torch.tensor([0] * 98 + [1] * 2)
    assert coverage(predicted, classes=4).shares == pytest.approx([0.98, 0.02, 0, 0])
    assert coverage(predicted, classes=4).found == 2
    assert coverage(predicted, classes=4, floor=0.02).found == 1


def test_even_coverage_has_no_divergence_and_a_single_class_all_of_it():
    assert coverage(torch.arange(1000), classes=1000).kl == pytest.approx(0, abs=1e-9)
    assert coverage(torch.zeros(50, dtype=torch.long), classes=1000).kl == pytest.approx(math.log(1000))


@pytest.mark.parametrize("predicted", [torch.tensor([], dtype=torch.long), torch.tensor([0, 4]), torch.tensor([-1])])
def test_classes_out_of_range_are_refused(predicted: torch.Tensor):
    with pytest.raises(ValueError, match="0 … 3"):
        coverage(predicted, classes=4)


def test_the_nearest_training_picture_of_a_copy_is_its_original():
    training = drawn(3000, 16)
    neighbours = nearest(training[[2500, 7]], training)
    assert neighbours.originals.tolist() == [2500, 7]
    assert neighbours.distance.max() < 0.02


def test_copies_are_told_from_new_pictures():
    training, held_out, new = drawn(2000, 8), drawn(500, 8, seed=1), drawn(500, 8, seed=2)
    assert closeness(training[:500], held_out, training) < 0.02
    assert closeness(new, held_out, training) == pytest.approx(1, abs=0.1)


def test_every_trained_model_has_been_scored():
    entries = manifest.read().items()
    trained = {name for name, entry in entries if "trained here" in entry.origin and entry.architecture in RATERS}
    assert trained
    assert trained <= set(SCORED)


@pytest.mark.parametrize("name", SCORED)
def test_the_shipped_figures_are_those_of_the_shipped_files_and_stand_on_the_card(name: str):
    metrics = json.loads((manifest.FOLDER / name / "metrics.json").read_text())
    entries, card = manifest.read(), ModelCard.load(manifest.FOLDER / name / "README.md").data
    assert metrics["sha256"] == entries[name].file(None).sha256
    if judge := metrics.get("judge"):
        assert judge["sha256"] == entries[judge["name"]].file(None).sha256
    finished = metrics["steps"][str(entries[name].steps[-1])] if "steps" in metrics else metrics
    on_card = {result.metric_type: result.metric_value for result in card.eval_results}
    assert on_card
    assert on_card == {metric: finished[metric] for metric in on_card}
