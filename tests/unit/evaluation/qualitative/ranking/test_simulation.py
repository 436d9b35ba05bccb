"""Simulated raters do what their description says, and the truth is what endless votes would show."""

import numpy as np
import pytest

from evaluation.qualitative.ranking.ranking import strengths
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally, rounds, truth, vote
from evaluation.qualitative.ranking.tally import LEFT, RIGHT, TIE, count

POPULATION = Population(strengths=(1.0, 0.3, 0.0, -1.2), ties=0.7, taste=0.9, side=0.3, side_spread=0.5)


def test_the_truth_is_what_very_many_raters_find():
    rng = np.random.default_rng(0)
    tally = even_tally(draw_raters(POPULATION, count=40_000, rng=rng), per_rater=20, rng=rng)
    assert strengths(tally) == pytest.approx(truth(POPULATION), abs=0.02)


def test_raters_who_differ_are_together_less_decided_than_each():
    alike = Population(strengths=POPULATION.strengths, taste=0.0, side_spread=0.0)
    assert np.ptp(truth(POPULATION)) < np.ptp(truth(alike))


def test_equal_arms_tie_and_lean_as_the_model_says():
    equal = Population(strengths=(0.0, 0.0), ties=0.8, taste=0.0, side=0.5, side_spread=0.0)
    rng = np.random.default_rng(0)
    total = even_tally(draw_raters(equal, count=100, rng=rng), per_rater=500, rng=rng).total.sum(axis=(0, 1))
    weights = np.exp([0.25, -0.25, np.log(0.8)])
    assert total[[LEFT, RIGHT, TIE]] / total.sum() == pytest.approx(weights / weights.sum(), abs=0.01)


def test_a_table_of_votes_and_counted_votes_are_the_same_votes():
    people = draw_raters(POPULATION, count=5, rng=np.random.default_rng(0))
    table = vote(people, per_rater=30, rng=np.random.default_rng(1))
    counted = even_tally(people, per_rater=30, rng=np.random.default_rng(1))
    assert (count(table, arms=POPULATION.arms).by_rater != counted.by_rater).nnz == 0


def test_every_rater_votes_once_a_round():
    rng = np.random.default_rng(0)
    session = rounds(draw_raters(POPULATION, count=7, rng=rng), floor=0.5, rng=rng, refresh=3)
    for number in range(1, 6):
        assert next(session).by_rater.sum(axis=1).tolist() == [number] * 7


def test_votes_of_one_rater_hang_together():
    rng = np.random.default_rng(0)
    people = draw_raters(POPULATION, count=400, rng=rng)
    halves = [even_tally(people, per_rater=60, rng=rng).by_rater.toarray().reshape(400, 4, 4, 3) for _ in range(2)]
    liking = [half[:, 0, :, LEFT].sum(1) + half[:, :, 0, RIGHT].sum(1) for half in halves]
    assert np.corrcoef(*liking)[0, 1] > 0.2
