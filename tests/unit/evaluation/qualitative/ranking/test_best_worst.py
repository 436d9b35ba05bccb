"""Best-worst scaling: the likelihood, its maximum by another optimiser, its intervals against a known truth."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.best_worst import JudgedSets, count, fit, log_likelihood, pair_table, standings
from evaluation.qualitative.ranking.ranking import AVERAGE_SCORE, POINTS_PER_LOGIT
from evaluation.qualitative.ranking.summary import summarise

ARMS = tuple("abcdef")
TRUTH = np.array([1.0, 0.6, 0.2, -0.2, -0.6, -1.0])


def simulated(raters: int, ballots: int, *, seed: int, spread: float = 0.3, truth: np.ndarray = TRUTH) -> pd.DataFrame:
    """Answers of raters whose tastes differ from the truth by a normal number for each arm."""
    rng = np.random.default_rng(seed)
    rows = []
    for rater in range(raters):
        taste = truth + spread * rng.standard_normal(len(truth))
        for _ in range(ballots):
            places = rng.choice(len(truth), 4, replace=False)
            best = rng.choice(4, p=softmax(taste[places]))
            left = np.delete(np.arange(4), best)
            worst = left[rng.choice(3, p=softmax(-taste[places[left]]))]
            choice = f"best_{best + 1}_worst_{worst + 1}"
            rows.append((f"r{rater}", *(ARMS[arm] for arm in places), choice))
    return pd.DataFrame(rows, columns=["rater", *best_worst.COLUMNS, "choice"])


def softmax(values: np.ndarray) -> np.ndarray:
    chances = np.exp(values - values.max())
    return chances / chances.sum()


def test_the_chances_of_all_twelve_answers_sum_to_one():
    theta = np.array([0.3, -1.2, 2.0, 0.1])
    answers = np.array([order for order in permutations(range(4)) if order[1] < order[2]])
    assert len(answers) == 12
    assert np.exp([log_likelihood(theta, answer[None]) for answer in answers]).sum() == pytest.approx(1)


def test_the_fit_is_the_maximum_that_another_optimiser_finds():
    answers = count(simulated(12, 10, seed=3), arms=ARMS)

    def loss(theta: np.ndarray) -> float:
        prior = np.log(expit(theta)) + np.log(expit(-theta))
        return -log_likelihood(theta, answers.sets) - float(prior.sum())

    reference = minimize(loss, np.zeros(len(ARMS)), method="BFGS", options={"gtol": 1e-7}).x
    assert fit(answers) == pytest.approx(reference, abs=1e-4)


def test_many_answers_find_the_truth():
    answers = count(simulated(400, 20, seed=1, spread=0.0), arms=ARMS)
    assert fit(answers) == pytest.approx(TRUTH, abs=0.08)


def test_answers_are_read_by_place_and_others_left_out():
    votes = pd.DataFrame(
        [
            ("r1", "a", "b", "c", "d", "best_3_worst_1", "rating"),
            ("r1", "a", "b", "c", "d", "skip", "rating"),
            ("r2", "a", "b", "c", "gone", "best_1_worst_2", "rating"),
            ("r2", "d", "c", "b", "a", "best_1_worst_4", "attention"),
        ],
        columns=["rater", *best_worst.COLUMNS, "choice", "purpose"],
    )
    answers = count(votes, arms=ARMS)
    assert answers.sets.tolist() == [[2, 1, 3, 0]]
    assert answers.raters == 1


def test_no_answer_at_all_ranks_nothing():
    none = count(simulated(1, 1, seed=0).iloc[:0], arms=ARMS)
    assert [standing.score for standing in standings(none)] == [None] * len(ARMS)
    assert best_worst.compared(simulated(1, 1, seed=0).iloc[:0], None, ARMS, wanted=50) == {}


def test_the_draws_settle_where_single_fits_do():
    answers = count(simulated(9, 6, seed=5), arms=ARMS)
    theta = fit(answers)
    draws = best_worst.strengths(answers, theta=theta, resamples=5, seed=7)
    times = np.random.default_rng(7).multinomial(9, np.full(9, 1 / 9), size=5)
    for drawn, weight in zip(draws, times, strict=True):
        assert drawn == pytest.approx(fit(answers, weights=weight[answers.rater].astype(float)), abs=1e-4)


def test_an_arm_that_is_always_best_has_no_upper_end_and_one_always_worst_no_lower():
    order = np.array([0, 1, 2, 3])
    answers = JudgedSets(arms=tuple("abcd"), sets=np.tile(order, (40, 1)), rater=np.repeat(np.arange(20), 2), raters=20)
    ranking = {standing.arm: standing for standing in standings(answers, resamples=200)}
    assert (ranking["a"].high, ranking["d"].low) == (None, None)
    assert ranking["a"].low is not None
    assert ranking["a"].low > ranking["d"].high


def test_the_widest_interval_is_one_with_two_ends():
    votes = simulated(12, 10, seed=6)
    unbeaten = pd.DataFrame(
        [(f"r{i}", "a", *others, "best_1_worst_4") for i, others in enumerate(["bcd", "cde", "efb"] * 4)],
        columns=list(votes),
    )
    known = best_worst.compared(
        pd.concat([votes[(votes[list(best_worst.COLUMNS)] != "a").all(axis=1)], unbeaten]), None, ARMS, wanted=50
    )

    bounded = [arm for arm in known["standings"] if arm.low is not None and arm.high is not None]
    assert known["standings"][0].high is None
    assert known["standings"][0].precise_to > known["half_width"]
    assert known["half_width"] == pytest.approx(max(arm.high - arm.low for arm in bounded) / 2)


def test_one_rater_gives_an_order_and_no_interval():
    ranking = standings(count(simulated(1, 30, seed=2), arms=ARMS), resamples=100)
    assert all(standing.low is None and standing.best_rank is None for standing in ranking)


def test_arms_that_never_met_have_no_common_ranks():
    sets = np.array([[0, 1, 2, 3], [4, 5, 6, 7]] * 10)
    answers = JudgedSets(arms=tuple("abcdefgh"), sets=sets, rater=np.arange(20), raters=20)
    ranking = standings(answers, resamples=100)
    assert {standing.group for standing in ranking} == {0, 1}
    assert all(standing.best_rank is None for standing in ranking)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """60 studies of six arms: 324 to 357 of 360 true scores lie within, which is 95 % give or take."""
    centred = AVERAGE_SCORE + POINTS_PER_LOGIT * (TRUTH - TRUTH.mean())
    inside = alone = 0
    for seed in range(60):
        answers = standings(count(simulated(15, 12, seed=seed), arms=ARMS), resamples=200, seed=seed)
        for standing in answers:
            truth = centred[ARMS.index(standing.arm)]
            inside += standing.low <= truth <= standing.high
        alone += any(standing.alone and standing.arm != "a" for standing in answers)
    assert 324 <= inside <= 357
    assert alone == 0


def test_pairs_count_what_each_answer_tells():
    answers = JudgedSets(arms=tuple("abcd"), sets=np.array([[2, 0, 1, 3]]), rater=np.array([0]), raters=1)
    table = {(pair.first, pair.second): (pair.votes, pair.win_rate) for pair in pair_table(answers)}
    assert table == {
        ("a", "b"): (0, None),
        ("a", "c"): (1, 0.0),
        ("a", "d"): (1, 1.0),
        ("b", "c"): (1, 0.0),
        ("b", "d"): (1, 1.0),
        ("c", "d"): (1, 1.0),
    }


def test_the_summary_ranks_by_the_best_and_the_worst():
    summary = summarise(simulated(15, 10, seed=4), list(ARMS), resamples=100)
    assert summary.comparison.model == "best_worst"
    assert summary.comparison.votes == 150
    assert summary.comparison.standings[0].arm == "a"
    assert summary.agreement.alpha is None


def test_the_votes_that_are_missing_are_within_a_factor_of_two_of_those_that_it_takes():
    """The forecast of 12 raters, held against studies with as many more raters as it asks for."""
    pilot = best_worst.compared(simulated(12, 12, seed=9), None, ARMS, wanted=50, resamples=300)
    raters = round((pilot["votes"] + pilot["votes_needed"]) / 12)
    enough = best_worst.compared(simulated(raters, 12, seed=10), None, ARMS, wanted=50, resamples=300)
    assert 50 / 2**0.5 < enough["half_width"] < 50 * 2**0.5
