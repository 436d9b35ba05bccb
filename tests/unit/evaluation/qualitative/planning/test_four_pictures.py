"""A plan for four pictures at once: its raters answer by the model, and its number of raters is right."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.planning import four, pilot
from evaluation.qualitative.planning.design import Assumptions, BallotDesign, PlanError, design_of
from evaluation.qualitative.planning.power import SampleSize, plan
from evaluation.qualitative.planning.preregistration import _analysis
from evaluation.qualitative.ranking import best_worst
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT
from evaluation.qualitative.ranking.simulation import Population, draw_raters
from evaluation.qualitative.study.reading import read

STUDY = read("digits-best-of-four")
POPULATION = Population(strengths=(0.8, 0.3, 0.0, -0.4, 0.1))
LARGE = Assumptions(difference=150)


def answers(population: Population = POPULATION, *, raters: int, per_rater: int = 20, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sets = four.draw_sets(raters, len(population.strengths), per_rater, rng)
    return four.answer(draw_raters(population, count=raters, rng=rng), sets, rng)


def votes(population: Population = POPULATION, **options: int) -> pd.DataFrame:
    """The same as the app exports them."""
    rows = []
    for number, theirs in enumerate(answers(population, **options)):
        for best, second, third, worst in np.array(population.arms)[theirs]:
            rows.append((f"r{number}", worst, second, best, third, "best_3_worst_1"))
    return pd.DataFrame(rows, columns=["rater", *best_worst.COLUMNS, "choice"])


def last(design: BallotDesign, assumptions: Assumptions, **options) -> SampleSize:
    *_, best = plan(design, assumptions, **options)
    return best


def test_the_design_is_that_of_the_study_file():
    assert design_of(STUDY) == BallotDesign(arms=7, per_rater=STUDY.session.ballots_per_rater, pictures=4)
    with pytest.raises(PlanError, match="arms should be 4 to 64, got 3"):
        BallotDesign(arms=3, pictures=4)


def test_each_rater_sees_every_arm_about_equally_often():
    sets = four.draw_sets(6, 7, 9, np.random.default_rng(0))
    assert all(len(set(quartet)) == 4 for quartet in sets.reshape(-1, 4).tolist())
    for ballots in range(1, 10):
        times = np.array([np.bincount(theirs[:ballots].ravel(), minlength=7) for theirs in sets])
        assert (times.max(axis=1) - times.min(axis=1) <= 1).all()
    assert len({tuple(theirs.ravel()) for theirs in sets}) == 6


def test_the_chances_of_all_answers_are_those_of_the_likelihood():
    theta = np.array([0.3, -1.2, 2.0, 0.1])
    orders = np.array([[best, *({0, 1, 2, 3} - {best, worst}), worst] for best, worst in four.ANSWERS])
    expected = [np.exp(best_worst.log_likelihood(theta, order[None])) for order in orders]
    assert four.chances(theta) == pytest.approx(expected)
    assert np.isfinite(four.chances(np.array([0.0, 800.0, -800.0, 0.0]))).all()


def test_raters_answer_with_these_chances():
    alike = replace(POPULATION, strengths=(1.0, 0.2, 0.0, -0.7), taste=0.0)
    given = answers(alike, raters=400, per_rater=50).reshape(-1, 4)
    share = [((given[:, 0] == best) & (given[:, 3] == worst)).mean() for best, worst in four.ANSWERS]
    assert share == pytest.approx(four.chances(np.array(alike.strengths)), abs=0.012)


def test_a_lapse_is_any_answer():
    clear = Population(strengths=(90.0, 60.0, 30.0, 0.0), taste=0.0, lapses=0.4)
    given = answers(clear, raters=200, per_rater=50).reshape(-1, 4)
    share = ((given[:, 0] == 0) & (given[:, 3] == 3)).mean()
    assert share == pytest.approx(0.6 + 0.4 / 12, abs=0.02)


@pytest.mark.parametrize("taste", [0.0, 1.2])
def test_the_truth_is_what_very_many_raters_tell(taste: float):
    population = replace(POPULATION, taste=taste)
    fitted = best_worst.fit(four.judged(population.arms, answers(population, raters=2_000)))
    assert four.truth(population) == pytest.approx(fitted - fitted.mean(), abs=0.05)


@pytest.mark.parametrize("assumptions", [LARGE, replace(LARGE, spread=600.0), replace(LARGE, lapses=0.5)], ids=str)
def test_the_difference_is_that_of_the_published_scores(assumptions: Assumptions):
    theta = four.truth(assumptions.population(6, pictures=4))
    assert POINTS_PER_LOGIT * (theta[0] - theta[-1]) == pytest.approx(150, abs=0.1)
    assert POINTS_PER_LOGIT * (theta[0] - theta[1:]) == pytest.approx(150, abs=5)


def test_the_best_arm_of_fresh_studies_of_that_size_is_found_as_often_as_wanted():
    design = BallotDesign(arms=5, per_rater=10, pictures=4)
    planned = last(design, replace(LARGE, lapses=0.1), power=0.8, simulations=60)
    assert planned.raters is not None

    population = replace(LARGE.population(5, pictures=4), lapses=0.1)
    successes, studies = 0, 100
    for number in range(studies):
        given = answers(population, raters=planned.raters, per_rater=10, seed=1000 + number)
        ranking = best_worst.standings(four.judged(population.arms, given), resamples=100)
        successes += [arm.arm for arm in ranking if arm.top] == ["arm-0"]

    assert 0.64 <= successes / studies <= 0.96  # 0.8, with three standard errors of both simulations
    assert planned.votes == planned.raters * 10


def test_raters_who_lapse_are_more():
    design = BallotDesign(arms=5, per_rater=10, pictures=4)
    few, many = (last(design, replace(LARGE, lapses=lapses), simulations=20).raters for lapses in (0.0, 0.6))
    assert few is not None
    assert many is not None
    assert many > 1.5 * few


@pytest.mark.parametrize("taste", [0.0, 0.6, 1.0])
def test_a_pilot_gives_the_spread_of_its_raters_back(taste: float):
    population = replace(POPULATION, taste=taste)
    spreads = [pilot.pilot_of(votes(population, raters=40, seed=seed)).spread for seed in range(8)]
    assert np.median(spreads) / POINTS_PER_LOGIT == pytest.approx(taste, rel=0.2, abs=0.12)


def test_a_pilot_gives_its_arms_and_no_ties():
    known = pilot.pilot_of(votes(raters=150))
    theta = np.array(list(known.strengths.values()))
    assert theta - theta.mean() == pytest.approx(four.truth(POPULATION), abs=0.15)
    assert (known.votes, known.raters, known.ties, known.lapses) == (3_000, 150, None, None)
    wanted = known.assumptions().population(5, pictures=4)
    assert np.ptp(four.truth(wanted)) == pytest.approx(np.ptp(theta), abs=0.01)


def test_eleven_of_twelve_lapses_fail_a_check():
    table = votes(raters=10).assign(purpose="rating", expected="", flags="")
    table.loc[:19, "purpose"] = "attention"
    table.loc[:19, "expected"] = "best_3_worst_1"
    table.loc[:10, "expected"] = "best_1_worst_2"
    assert pilot.pilot_of(table).lapses == pytest.approx(11 / 20 * 12 / 11)


def test_a_pilot_of_four_whose_arms_never_met_is_refused():
    table = votes(raters=10)
    with pytest.raises(PlanError, match="did not all meet"):
        pilot.pilot_of(table, [*POPULATION.arms, "other"])
    with pytest.raises(PlanError, match="the pilot has 20 votes by 1 raters"):
        pilot.pilot_of(votes(raters=1))


def test_the_preregistration_names_the_model():
    assert _analysis(STUDY)["model"].startswith("sequential best-worst choice")
