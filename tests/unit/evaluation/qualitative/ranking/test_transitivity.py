"""Circles and residuals are found where no single order explains the votes, and seldom where one does."""

import numpy as np
import pandas as pd
import pytest

from demos.just_look import order_html
from evaluation.qualitative.ranking.simulation import Population, draw_raters, even_tally
from evaluation.qualitative.ranking.summary import summarise
from evaluation.qualitative.ranking.tally import count
from evaluation.qualitative.ranking.transitivity import transitivity
from evaluation.qualitative.results.cached import Analysis
from evaluation.qualitative.results.methods import methods
from evaluation.qualitative.study.reading import read

POPULATION = Population(strengths=(0.9, 0.5, 0.1, 0.0, -0.4, -1.1))
STUDY = read("digits-by-training-step")
ARMS = [arm.id for arm in STUDY.competing][:4]


def circular_votes(*, raters: int = 15, each: int = 30, lead: float = 0.8) -> pd.DataFrame:
    """Of four arms, the first over the second over the third over the first; the last one loses to all."""
    rng = np.random.default_rng(0)
    first, second = np.array([rng.choice(4, 2, replace=False) for _ in range(raters * each)]).T
    towards = np.where((second - first) % 3 == 1, lead, -lead)
    towards = np.where(second == 3, 1.0, np.where(first == 3, -1.0, towards))
    left = rng.random(len(first)) < 1 / (1 + np.exp(-towards))
    names = np.array(ARMS)
    return pd.DataFrame(
        {
            "rater": np.repeat(np.arange(raters), each).astype(str),
            "left": names[first],
            "right": names[second],
            "choice": np.where(left, "left", "right"),
        }
    )


def test_a_circle_is_found_and_named():
    order = transitivity(count(circular_votes(), arms=ARMS))

    assert order.misfit < 0.01
    assert (order.triads, order.circular) == (4, 1)
    assert order.circles[0].arms == tuple(ARMS[:3])
    assert min(order.circles[0].won) > 0.6
    worst = order.residuals[0]
    assert {worst.first, worst.second} < set(ARMS[:3])
    assert abs(worst.deviations) > 3
    assert abs(worst.won - worst.expected) > 0.15


def test_many_circles_are_more_than_chance_gives():
    """Nine arms on a ring: each beats the next four and loses to the four before it."""
    rng = np.random.default_rng(1)
    first, second = np.array([rng.choice(9, 2, replace=False) for _ in range(20 * 60)]).T
    left = rng.random(len(first)) < np.where((second - first) % 9 <= 4, 0.75, 0.25)
    votes = pd.DataFrame(
        {
            "rater": np.repeat(np.arange(20), 60).astype(str),
            "left": first.astype(str), "right": second.astype(str), "choice": np.where(left, "left", "right"),
        }
    )  # fmt: skip
    order = transitivity(count(votes, arms=[str(i) for i in range(9)]))

    assert order.triads == 84
    assert order.circular > 20  # of the 30 of a perfect ring
    assert order.circular > order.circular_by_chance
    assert order.misfit < 0.01


def test_circles_by_chance_are_as_many_as_one_order_gives_though_ties_leave_pairs_undecided():
    expected, actual = [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        people = draw_raters(POPULATION, count=8, rng=rng)
        order = transitivity(even_tally(people, per_rater=12, rng=rng), resamples=200)
        expected.append(order.circular_by_chance)
        actual.append(order.circular)
    assert np.mean(expected) == pytest.approx(np.mean(actual), rel=0.25)


def test_one_order_is_seldom_rejected_though_tastes_differ():
    misfits, circles = [], []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        people = draw_raters(POPULATION, count=12, rng=rng)
        order = transitivity(even_tally(people, per_rater=30, rng=rng), resamples=200)
        misfits.append(order.misfit)
        circles.append(order.circular_p)
    assert np.mean(np.array(misfits) < 0.05) <= 0.08
    assert np.mean(np.array(circles) < 0.05) <= 0.08
    assert np.mean(np.array(misfits) < 0.5) > 0.2  # it is a test, not a constant


@pytest.mark.parametrize(
    "votes", [circular_votes(raters=1), circular_votes()[:0], circular_votes().query("left == @ARMS[3]")[:3]]
)
def test_too_few_raters_or_arms_have_no_check(votes: pd.DataFrame):
    assert transitivity(count(votes[votes["right"] == ARMS[0]], arms=ARMS)) is None
    assert transitivity(count(votes, arms=ARMS[:2])) is None


def test_the_page_and_the_methods_say_it():
    table = circular_votes()
    summary = summarise(table, ARMS, resamples=200)
    page = order_html.section(Analysis(study=STUDY, votes=table, summary=summary))

    titles = [STUDY.arm(arm).title for arm in ARMS[:3]]
    assert " over ".join([*titles, titles[0]]) in page
    assert "do not fit one order well" in page
    assert "Of 4 triples of sources, 1 is a circle" in page
    assert "circular triads: 1 of 4" in methods(summary)


def test_without_a_triad_the_page_and_the_methods_do_not_count_circles():
    """Four arms in a ring: each met two others alone, so no three of them met in all pairs."""
    rows = [(f"r{i % 8}", ARMS[i % 4], ARMS[(i + 1) % 4], "left" if i % 3 else "right") for i in range(120)]
    table = pd.DataFrame(rows, columns=["rater", "left", "right", "choice"])
    summary = summarise(table, ARMS, resamples=100)
    page = order_html.section(Analysis(study=STUDY, votes=table, summary=summary))

    assert summary.comparison.transitivity.triads == 0
    assert "No three sources have a winner in each of their pairs yet" in page
    assert "triples" not in page
    assert "no triad of arms has a winner in all three pairs." in methods(summary)
