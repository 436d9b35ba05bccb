"""A plan's number of raters is right: studies of that size, simulated anew, succeed as often as wanted."""

from dataclasses import replace

import numpy as np
import pytest

from evaluation.qualitative.planning.design import Assumptions, BallotDesign, PlanError, design_of, points_of
from evaluation.qualitative.planning.power import CurvePoint, SampleSize, plan
from evaluation.qualitative.planning.simulated import Simulated
from evaluation.qualitative.ranking.ranking import POINTS_PER_LOGIT, standings
from evaluation.qualitative.ranking.simulation import draw_raters, even_tally, truth
from evaluation.qualitative.ranking.tally import LEFT, RIGHT
from evaluation.qualitative.study import reading

LARGE = Assumptions(difference=150)


@pytest.fixture(scope="module")
def easy() -> int:
    raters = last(BallotDesign(arms=2), LARGE, simulations=30).raters
    assert raters is not None
    return raters


def last(design: BallotDesign, assumptions: Assumptions, **options) -> SampleSize:
    *_, best = plan(design, assumptions, **options)
    return best


def test_the_best_arm_of_fresh_studies_of_that_size_is_found_as_often_as_wanted():
    design = BallotDesign(arms=2, per_rater=20, floor=1.0)
    planned = last(design, replace(LARGE, lapses=0.0), power=0.8, simulations=100)
    assert planned.raters is not None

    population, successes, studies = LARGE.population(2), 0, 150
    for number in range(studies):
        rng = np.random.default_rng([number, 99])
        people = draw_raters(population, count=planned.raters, rng=rng)
        ranking = standings(even_tally(people, per_rater=20, rng=rng), resamples=100)
        successes += [arm.arm for arm in ranking if arm.top] == ["arm-0"]

    assert 0.68 <= successes / studies <= 0.92  # 0.8, with three standard errors of both simulations
    assert planned.votes == planned.raters * 20


def test_power_grows_with_raters_and_intervals_shrink():
    points = last(BallotDesign(arms=2), LARGE, simulations=40).points
    assert [point.raters for point in points] == sorted({point.raters for point in points})
    assert points[0].power < 0.5 < points[-1].power
    widths = [point.half_width for point in points if point.half_width is not None]
    assert widths == sorted(widths, reverse=True)
    assert all(point.interval[0] <= point.power <= point.interval[1] for point in points)


@pytest.mark.parametrize("harder", [{"difference": 75.0}, {"spread": 300.0}, {"lapses": 0.6}], ids=str)
def test_a_smaller_difference_and_raters_who_differ_or_lapse_need_more(easy: int, harder: dict[str, float]):
    more = last(BallotDesign(arms=2), replace(LARGE, **harder), simulations=30).raters
    assert more is not None
    assert more > 1.2 * easy


def test_the_pair_rule_of_the_study_saves_raters_where_there_are_many_arms():
    adaptive = last(BallotDesign(arms=6), LARGE, simulations=40)
    evenly = last(BallotDesign(arms=6, floor=1.0), LARGE, simulations=40)
    assert adaptive.raters is not None
    assert evenly.raters is not None
    assert adaptive.raters < evenly.raters


def test_the_difference_is_that_of_the_published_scores():
    for assumptions in (LARGE, replace(LARGE, spread=1000.0), replace(LARGE, ties=0.95)):
        theta = truth(assumptions.population(4))
        assert POINTS_PER_LOGIT * (theta[0] - theta[1]) == pytest.approx(150, abs=0.1)
        assert theta[1:] == pytest.approx(theta[1])


def test_a_share_of_wins_is_a_difference_in_points():
    assert points_of(10 / 11) == pytest.approx(400)
    for share in (0.5, 1.0, 0.2):
        with pytest.raises(PlanError, match="more than 50 %"):
            points_of(share)


def test_a_plan_that_is_out_of_reach_says_how_far_it_looked():
    planned = last(BallotDesign(arms=2, per_rater=5), Assumptions(difference=10), simulations=20, most_raters=16)
    assert planned.raters is None
    assert planned.votes is None
    assert planned.beyond == 16


def test_a_plan_can_be_left_at_any_time_and_ends_in_time():
    steps = plan(BallotDesign(arms=2), LARGE, simulations=10_000, seconds=0.0)
    first = next(steps)
    assert (first.done, first.total, first.points) == (0, 10_000, ())
    *_, best = steps
    assert best.done == best.total == 10
    steps.close()


def test_the_same_seed_gives_the_same_plan():
    first, same, other = (last(BallotDesign(arms=2), LARGE, simulations=20, seed=seed) for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_the_design_is_that_of_the_study_file():
    study = reading.read("gan-recipes")
    assert design_of(study).arms == len(study.competing)
    assert design_of(study).per_rater == study.session.ballots_per_rater


def test_studies_of_single_pictures_are_refused_with_a_rule_of_thumb():
    with pytest.raises(
        PlanError, match="studies of pairs, or of four at once; digits-real-or-fake shows single pictures"
    ):
        design_of(reading.read("digits-real-or-fake"))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: BallotDesign(arms=1), "arms should be 2 to 64, got 1"),
        (lambda: BallotDesign(per_rater=0), "ballots per rater should be 1 to 1000, got 0"),
        (lambda: Assumptions(difference=0), "difference should be 1 to 1000 points, got 0"),
        (lambda: Assumptions(lapses=1.0), "share of lapses should be 0 to 0.95, got 1"),
        (lambda: next(plan(BallotDesign(), LARGE, power=1.0)), "power should be 0.5 to 0.99, got 1"),
        (lambda: next(plan(BallotDesign(), LARGE, simulations=3)), "simulations should be 20 to 10,000, got 3"),
    ],
)
def test_numbers_out_of_range_are_refused(make, expected: str):
    with pytest.raises(PlanError, match=expected):
        make()


def test_each_rater_sees_every_pair_before_any_again():
    simulated = Simulated(BallotDesign(arms=4, per_rater=15), LARGE, 0)
    rng = np.random.default_rng(0)
    counts = simulated.votes(draw_raters(simulated.population, count=3, rng=rng), rng)
    for rater in counts.reshape(3, 4, 4, 3).sum(axis=3):
        both = rater + rater.T
        of_pairs = both[np.triu_indices(4, k=1)]
        assert of_pairs.sum() == 15
        assert set(of_pairs) == {2, 3}
        assert np.abs(rater - rater.T).max() <= 1  # sides take turns


def test_a_share_of_the_answers_is_a_lapse_and_of_no_more():
    clear = Assumptions(difference=1000, spread=0, ties=0, lapses=0.4)
    simulated = Simulated(BallotDesign(arms=2, per_rater=1000), clear, 0)
    rng = np.random.default_rng(0)
    counts = simulated.votes(draw_raters(simulated.population, count=20, rng=rng), rng).sum(axis=0).reshape(2, 2, 3)
    lost = counts[0, 1, RIGHT] + counts[1, 0, LEFT]
    assert lost / counts.sum() == pytest.approx(0.2, abs=0.02)  # half of the lapses hit the better one


def size(raters: int | None, beyond: int | None = None) -> SampleSize:
    curve = tuple(
        CurvePoint(raters=count, votes=20 * count, studies=20, successes=count // 4, half_width=None)
        for count in (8, 16, 40)
    )
    return SampleSize(done=20, total=20, wanted=0.8, points=curve, raters=raters, votes=None, beyond=beyond)


def test_a_number_beyond_the_largest_simulated_study_says_that_it_is_extrapolated():
    assert size(40).caveat == size(None, beyond=40).caveat == ""
    for answer in (size(41), size(None, beyond=300)):
        assert "the largest had 40 raters" in answer.caveat
        assert "rough guess" in answer.caveat


def test_a_search_that_had_no_time_reads_its_number_beyond_its_curve_and_says_so():
    hurried = last(BallotDesign(arms=2), LARGE, power=0.99, simulations=20, seconds=0.01)

    answer = hurried.raters or hurried.beyond
    assert answer is not None
    assert answer > hurried.points[-1].raters
    assert hurried.caveat
