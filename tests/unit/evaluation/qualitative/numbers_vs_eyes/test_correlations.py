"""Rank correlations against scipy's, their intervals, and what chance reaches."""

import numpy as np
import pytest
from scipy import stats

from evaluation.qualitative.numbers_vs_eyes.correlations import by_chance, interval, kendall, spearman


def test_the_correlations_are_scipys_with_ties_too():
    rng = np.random.default_rng(3)
    for _ in range(20):
        eyes, values = rng.integers(5, size=9).astype(float), rng.integers(4, size=9).astype(float)
        assert kendall(eyes[None], values)[0] == pytest.approx(stats.kendalltau(eyes, values).statistic)
        assert spearman(eyes[None], values)[0] == pytest.approx(stats.spearmanr(eyes, values).statistic)


def test_the_interval_reaches_further_from_zero_than_the_noisy_draws():
    draws = np.array([0.2, 0.4, 0.4, 0.6])
    low, high = interval(0.6, draws)
    assert low == pytest.approx(np.quantile(draws, 0.025))
    assert high == pytest.approx(np.quantile(draws, 0.975) + 2 * (0.6 - 0.4))
    assert interval(-0.6, -draws) == (pytest.approx(-high), pytest.approx(-low))


def test_chance_counts_all_orders_of_few_arms_and_draws_those_of_many():
    assert by_chance(np.arange(3.0), np.arange(3.0)) == pytest.approx(1 / 6)
    assert by_chance(-np.arange(3.0), np.arange(3.0)) == 1
    assert 0 < by_chance(np.arange(9.0), np.arange(9.0)) < 0.001
