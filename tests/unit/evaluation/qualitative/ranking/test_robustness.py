"""The fewest votes that change the winner are few enough, and on small studies not one too many."""

from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest

from evaluation.qualitative.ranking.ranking import rank, strengths
from evaluation.qualitative.ranking.robustness import fewest_dropped, fewest_turned
from evaluation.qualitative.ranking.simulation import Population, draw_raters, vote
from evaluation.qualitative.ranking.tally import count


def votes(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    return pd.DataFrame([row[:3] for row in rows for _ in range(row[3])], columns=["left", "right", "choice"])


@pytest.mark.parametrize(("won", "lost"), [(10, 7), (8, 7), (40, 1)])
def test_two_arms_change_places_when_the_winner_has_fewer_wins(won: int, lost: int):
    tally = count(votes(("a", "b", "left", won), ("b", "a", "left", lost)), arms="ab")

    dropped, turned = fewest_dropped(tally), fewest_turned(tally)

    assert (dropped.first, dropped.successor) == ("a", "b")
    assert dropped.votes == won - lost + 1
    assert dropped.share == pytest.approx((won - lost + 1) / (won + lost))
    assert turned.votes == (won - lost) // 2 + 1


def test_an_arm_that_never_lost_keeps_its_place_whatever_is_dropped_but_not_whatever_is_turned():
    tally = count(votes(("a", "b", "left", 5)), arms="ab")
    assert fewest_dropped(tally).votes is None
    assert fewest_turned(tally).votes == 3


def test_a_successor_is_the_arm_that_is_easiest_to_put_first():
    tally = count(
        votes(
            ("a", "b", "left", 22), ("a", "b", "right", 20), ("a", "c", "left", 30), ("a", "c", "right", 10),
            ("b", "c", "left", 30), ("b", "c", "right", 10),
        ),
        arms="abc",
    )  # fmt: skip
    assert fewest_dropped(tally).successor == "b"


@pytest.mark.parametrize("seed", range(4))
def test_no_smaller_choice_of_votes_does_it_in_a_small_study(seed: int):
    rng = np.random.default_rng(seed)
    table = vote(draw_raters(Population(strengths=(0.6, 0.3, 0.0)), count=4, rng=rng), per_rater=6, rng=rng)
    tally = count(table, arms=["arm-0", "arm-1", "arm-2"])
    fragility = fewest_dropped(tally)
    kinds = [tuple(kind) for kind in np.argwhere(tally.total)]

    def someone_else_leads(chosen: tuple[tuple[int, ...], ...]) -> bool:
        left = tally.total.copy()
        for kind in chosen:
            left[kind] -= 1
        theta = strengths(count(_written(left), arms=tally.arms))
        return left.min() >= 0 and max(theta) - theta[tally.arms.index(fragility.first)] > 1e-6

    for size in range(1, min(fragility.votes, 3)):
        assert not any(someone_else_leads(chosen) for chosen in combinations_with_replacement(kinds, size))


def _written(counts: np.ndarray) -> pd.DataFrame:
    choices = ["left", "right", "tie"]
    return votes(
        *((f"arm-{i}", f"arm-{j}", choices[k], int(max(0, counts[i, j, k]))) for i, j, k in np.argwhere(counts > 0))
    )


def test_dropping_that_many_votes_really_changes_the_winner():
    rng = np.random.default_rng(5)
    population = Population(strengths=(0.6, 0.45, 0.0, -0.5))
    table = vote(draw_raters(population, count=30, rng=rng), per_rater=40, rng=rng)
    fragility = fewest_dropped(count(table, arms=population.arms))
    first, second = rank(table, arms=population.arms)[:2]
    assert (fragility.first, fragility.successor) == (first.arm, second.arm)

    # The votes that say so most plainly are those between the two: dropping as many of them as found is about enough.
    decisive = ((table["left"] == first.arm) & (table["right"] == second.arm) & (table["choice"] == "left")) | (
        (table["left"] == second.arm) & (table["right"] == first.arm) & (table["choice"] == "right")
    )
    fewer = table.drop(index=table.index[decisive][: fragility.votes])
    assert rank(fewer, arms=population.arms)[0].arm == fragility.successor
    assert (
        rank(table.drop(index=table.index[decisive][: fragility.votes // 2]), arms=population.arms)[0].arm
        == fragility.first
    )


def test_without_votes_there_is_nothing_to_change():
    assert fewest_dropped(count(votes(), arms="ab")) is None
