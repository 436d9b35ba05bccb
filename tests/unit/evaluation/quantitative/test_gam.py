"""The Generative Adversarial Metric against cases counted by hand."""

import math

import numpy as np
import pytest
import torch

from evaluation.quantitative.gam import Verdicts, battle, calibrate


def verdicts(*, right_on_test: int, fooled: int, of: int = 10, times: int = 100) -> Verdicts:
    """Verdicts in tenths, each `times` times: enough of them for a difference between two rates to be certain."""
    test = torch.tensor([1.0] * right_on_test + [-1.0] * (of - right_on_test)).repeat(times)
    return Verdicts(test, torch.tensor([1.0] * fooled + [-1.0] * (of - fooled)).repeat(times))


def test_a_case_counted_by_hand():
    first, second = verdicts(right_on_test=8, fooled=1), verdicts(right_on_test=8, fooled=4)
    outcome = battle(first, second)
    assert outcome.r_test == pytest.approx(0.2 / 0.2)
    assert outcome.r_samples == pytest.approx(0.1 / 0.4)
    assert (outcome.winner, outcome.smoothed) == ("1", False)
    # three pictures more of ten are taken for real, each worth log(sigmoid(1) / sigmoid(-1)) = 1
    assert outcome.likelihoods == pytest.approx(math.exp(-0.3))


def test_swapping_the_models_gives_the_reciprocals_and_the_other_winner():
    first, second = verdicts(right_on_test=8, fooled=2), verdicts(right_on_test=7, fooled=5)
    outcome, swapped = battle(first, second, tolerance=0.5), battle(second, first, tolerance=0.5)
    assert outcome.r_test * swapped.r_test == pytest.approx(1)
    assert outcome.r_samples * swapped.r_samples == pytest.approx(1)
    assert outcome.likelihoods * swapped.likelihoods == pytest.approx(1)
    assert (outcome.winner, swapped.winner) == ("1", "2")


def test_a_better_discriminator_makes_it_a_tie():
    assert battle(verdicts(right_on_test=9, fooled=1), verdicts(right_on_test=5, fooled=4)).winner == "tie"


def test_equal_models_tie():
    outcome = battle(verdicts(right_on_test=8, fooled=3), verdicts(right_on_test=8, fooled=3))
    assert (outcome.r_samples, outcome.winner, outcome.likelihoods) == (1.0, "tie", 1.0)


def test_no_error_at_all_counts_as_half_a_picture():
    outcome = battle(verdicts(right_on_test=10, fooled=0), verdicts(right_on_test=10, fooled=5))
    assert outcome.r_samples == pytest.approx(0.0005 / 0.5)
    assert outcome.r_test == 1
    assert (outcome.smoothed, outcome.winner) == (True, "1")


def judged(wrong: int, *, of: int = 5000) -> Verdicts:
    """Verdicts of a discriminator that takes `wrong` samples for real."""
    return Verdicts(torch.tensor([1.0, 1.0, -1.0]), torch.tensor([1.0] * wrong + [-1.0] * (of - wrong)))


def test_one_picture_of_five_thousand_makes_no_winner():
    outcome = battle(judged(2501), judged(2500))
    assert outcome.r_samples == pytest.approx(1.0004)
    assert outcome.low < 1 < outcome.high
    assert outcome.winner == "tie"


def test_the_interval_holds_the_true_ratio_in_95_percent_of_battles():
    rng = np.random.default_rng(0)
    held = []
    for first, second in rng.binomial(2000, [0.02, 0.03], size=(400, 2)).tolist():
        outcome = battle(judged(first, of=2000), judged(second, of=2000))
        held.append(outcome.low <= 2 / 3 <= outcome.high)
    assert 0.93 <= np.mean(held) <= 0.97


def test_equal_generators_have_a_winner_in_at_most_one_battle_of_twenty():
    rng = np.random.default_rng(1)
    battles = [battle(*(judged(int(wrong)) for wrong in pair)) for pair in rng.binomial(5000, 0.05, size=(300, 2))]
    assert np.mean([outcome.winner != "tie" for outcome in battles]) <= 0.07


def test_swapped_models_have_the_reciprocal_interval():
    outcome, swapped = battle(judged(10), judged(40)), battle(judged(40), judged(10))
    assert (swapped.low, swapped.high) == pytest.approx((1 / outcome.high, 1 / outcome.low))


def test_a_lecture_ratio_that_puts_the_other_model_ahead_is_reported():
    # Model 2 errs more often on model 1's samples, but model 1 is nearly certain where it errs.
    first = Verdicts(torch.tensor([1.0, 1.0, -1.0]), torch.tensor([50.0] * 100 + [-0.1] * 900))
    second = Verdicts(torch.tensor([1.0, 1.0, -1.0]), torch.tensor([0.1] * 300 + [-5.0] * 700))
    outcome = battle(first, second)
    assert (outcome.winner, outcome.ratios_disagree) == ("1", True)
    assert outcome.likelihoods > 1
    assert not battle(judged(10), judged(40)).ratios_disagree


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_a_logit_that_is_not_finite_is_refused(value: float):
    with pytest.raises(ValueError, match="every logit has to be a finite number"):
        battle(judged(10), judged(10)._replace(test=torch.tensor([1.0, value])))


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
