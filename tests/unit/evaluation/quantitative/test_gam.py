"""The Generative Adversarial Metric against cases counted by hand."""

import math

import pytest
import torch

from evaluation.quantitative.gam import Verdicts, battle, calibrate


def verdicts(*, right_on_test: int, fooled: int, of: int = 10) -> Verdicts:
    test = torch.tensor([1.0] * right_on_test + [-1.0] * (of - right_on_test))
    return Verdicts(test, torch.tensor([1.0] * fooled + [-1.0] * (of - fooled)))


def test_a_case_counted_by_hand():
    first, second = verdicts(right_on_test=8, fooled=1), verdicts(right_on_test=8, fooled=4)
    found = battle(first, second)
    assert found.r_test == pytest.approx(0.2 / 0.2)
    assert found.r_samples == pytest.approx(0.1 / 0.4)
    assert (found.winner, found.smoothed) == ("1", False)
    # three pictures more of ten are taken for real, each worth log(sigmoid(1) / sigmoid(-1)) = 1
    assert found.likelihoods == pytest.approx(math.exp(-0.3))


def test_swapping_the_models_gives_the_reciprocals_and_the_other_winner():
    first, second = verdicts(right_on_test=8, fooled=2), verdicts(right_on_test=7, fooled=5)
    one, other = battle(first, second, tolerance=0.5), battle(second, first, tolerance=0.5)
    assert one.r_test * other.r_test == pytest.approx(1)
    assert one.r_samples * other.r_samples == pytest.approx(1)
    assert one.likelihoods * other.likelihoods == pytest.approx(1)
    assert (one.winner, other.winner) == ("1", "2")


def test_a_better_discriminator_makes_it_a_tie():
    assert battle(verdicts(right_on_test=9, fooled=1), verdicts(right_on_test=5, fooled=4)).winner == "tie"


def test_equal_models_tie():
    found = battle(verdicts(right_on_test=8, fooled=3), verdicts(right_on_test=8, fooled=3))
    assert (found.r_samples, found.winner, found.likelihoods) == (1.0, "tie", 1.0)


def test_no_error_at_all_counts_as_half_a_picture():
    found = battle(verdicts(right_on_test=10, fooled=0), verdicts(right_on_test=10, fooled=5))
    assert found.r_samples == pytest.approx(0.05 / 0.5)
    assert found.r_test == 1
    assert (found.smoothed, found.winner) == (True, "1")


@pytest.mark.parametrize("which", ["test", "opponent"])
def test_an_empty_set_is_refused(which: str):
    full = verdicts(right_on_test=8, fooled=2)
    with pytest.raises(ValueError, match="at least one picture"):
        battle(full, full._replace(**{which: torch.empty(0)}))


def test_a_critic_s_threshold_errs_least():
    held_out, samples = torch.tensor([105.0, 107.0, 101.0]), torch.tensor([90.0, 100.0, 103.0])
    threshold = calibrate(held_out, samples)
    assert 100 < threshold < 101 or 103 < threshold < 105
    apart = calibrate(torch.tensor([5.0, 7.0]), torch.tensor([-3.0, 1.0]))
    assert apart == pytest.approx(3.0)


def test_a_shift_of_a_critic_changes_nothing_once_it_is_calibrated():
    random = torch.Generator().manual_seed(0)
    held_out, samples = torch.randn(500, generator=random) + 1, torch.randn(500, generator=random) - 1
    assert calibrate(held_out + 50, samples + 50) == pytest.approx(calibrate(held_out, samples) + 50, abs=1e-4)
    assert abs(calibrate(held_out, samples)) < 0.5
