"""The pair rule looks where the top is open, leaves no pair out, and spares votes."""

from itertools import combinations

import numpy as np
import pytest

from evaluation.qualitative.ranking.pairing import FLOOR, pair_probabilities
from evaluation.qualitative.ranking.simulation import Population, draw_raters, rounds

ARMS = ["a", "b", "c", "d", "e"]


def counts(strengths: dict[str, float], *, often: int) -> dict[tuple[str, str, str], int]:
    """As many votes as the model expects, each side alike."""
    votes = {}
    for left in strengths:
        for right in strengths:
            if left != right:
                won = 1 / (1 + np.exp(strengths[right] - strengths[left]))
                votes[left, right, "left"], votes[left, right, "right"] = round(often * won), round(often * (1 - won))
    return votes


def test_chances_are_of_unordered_pairs_in_the_order_of_the_arms_and_sum_to_one():
    chances = pair_probabilities({("b", "a", "left"): 3}, ARMS)
    assert list(chances) == list(combinations(ARMS, 2))
    assert sum(chances.values()) == pytest.approx(1)


def test_before_any_vote_pairs_are_about_equally_likely():
    chances = pair_probabilities({}, ARMS, floor=0.0)
    assert min(chances.values()) > 0.07
    assert max(chances.values()) < 0.13


def test_no_pair_is_less_likely_than_the_floor():
    votes = counts({"a": 4.0, "b": 2.0, "c": 0.0, "d": -2.0, "e": -4.0}, often=500)
    for floor in (FLOOR, 0.6):
        chances = pair_probabilities(votes, ARMS, floor=floor)
        assert min(chances.values()) == pytest.approx(floor / 10, rel=1e-6)


def test_a_full_floor_is_even():
    assert set(pair_probabilities(counts({"a": 4.0, "b": 0.0}, often=9), ["a", "b", "c"], floor=1.0).values()) == {
        1 / 3
    }


def test_close_arms_at_the_top_are_compared_most():
    votes = counts({"a": 1.0, "b": 0.95, "c": 0.9, "d": -1.0, "e": -1.05}, often=40)
    chances = pair_probabilities(votes, ARMS)
    top = [chances[pair] for pair in (("a", "b"), ("a", "c"), ("b", "c"))]
    assert min(top) > 3 * max(chance for pair, chance in chances.items() if set(pair) & {"d", "e"})


def test_an_arm_that_is_still_unknown_is_looked_at_more_than_one_known_to_be_average():
    votes = counts({"a": 1.0, "b": 0.0, "c": -0.1, "d": 0.1}, often=60)
    chances = pair_probabilities(votes, ARMS)
    for known in ("b", "c", "d"):
        assert chances["a", "e"] > 1.3 * chances["a", known]


def test_sides_do_not_matter():
    votes = counts({"a": 1.0, "b": 0.5, "c": 0.0, "d": -0.5, "e": -1.0}, often=20)
    mirror = {"left": "right", "right": "left"}
    mirrored = {(right, left, mirror[choice]): often for (left, right, choice), often in votes.items()}
    assert pair_probabilities(mirrored, ARMS) == pytest.approx(pair_probabilities(votes, ARMS), abs=1e-9)


def test_skips_and_arms_that_left_change_nothing():
    votes = {("a", "b", "left"): 5}
    more = {**votes, ("a", "b", "skip"): 90, ("a", "c", "not_sure"): 90, ("gone", "a", "left"): 90}
    assert pair_probabilities(more, ARMS) == pair_probabilities(votes, ARMS)


def test_two_arms_are_the_only_pair():
    assert pair_probabilities({("a", "b", "left"): 1000}, ["a", "b"]) == {("a", "b"): 1.0}


@pytest.mark.parametrize(("arms", "floor"), [(["a"], 0.3), (["a", "a"], 0.3), (["a", "b"], -0.1), (["a", "b"], 1.5)])
def test_nonsense_is_refused(arms: list[str], floor: float):
    with pytest.raises(ValueError, match=r"two different arms|share from 0 to 1"):
        pair_probabilities({}, arms, floor=floor)


def test_the_rule_judges_the_top_pair_much_more_often_than_even_drawing():
    population = Population(strengths=(1.0, 0.8, -0.5, -1.0, -1.5))
    top_pair_votes = {}
    for floor in (1.0, FLOOR):
        rng = np.random.default_rng(0)
        session = rounds(draw_raters(population, count=30, rng=rng), floor=floor, rng=rng)
        for _ in range(20):
            total = next(session).total
        assert total.sum() == 600
        top_pair_votes[floor] = total[0, 1].sum() + total[1, 0].sum()
        either = total[0, 1].sum() / top_pair_votes[floor]
        assert 0.35 < either < 0.65
    assert top_pair_votes[1.0] == pytest.approx(60, abs=25)
    assert top_pair_votes[FLOOR] > 3 * top_pair_votes[1.0]
