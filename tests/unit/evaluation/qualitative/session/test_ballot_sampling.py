"""What is drawn follows the stated chances: pairs, sides, items, and as many real pictures as others."""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from scipy.stats import binomtest, chisquare

from evaluation.qualitative.ballot import Ballot, new_rater
from evaluation.qualitative.ranking.pairing import FLOOR
from evaluation.qualitative.session.ballot_sampling import draw, draw_attention, imbalance, pairs
from evaluation.qualitative.study import reading as studies
from evaluation.qualitative.study.schema import Study
from evaluation.qualitative.study.session_rules import Attention

DIGITS = studies.read("digits-by-training-step")
PAIRS = pairs(DIGITS)
FAVOURITE = PAIRS[3]
RULE = {pair: FLOOR / len(PAIRS) + (1 - FLOOR) * (pair == FAVOURITE) for pair in PAIRS}


def session(study: Study, count: int, *, seed: int, **options: Any) -> list[Ballot]:
    """The ratings of one rater, one after another."""
    rng, rater = random.Random(seed), new_rater()
    past: list[Ballot] = []
    for _ in range(count):
        past.append(draw(study, rater=rater, past=past, rng=rng, **options))
    return past


def single(protocol: str = "real_or_fake", **changes: Any) -> Study:
    """One real arm among seven, or two if timed; one picture a ballot; half a minute's session."""
    fields = DIGITS.model_dump(exclude={"reveal", "answers"})
    session = {"ballots_per_rater": 40, "exposure_ms": 500 if protocol == "timed" else None}
    if protocol == "timed":  # such a study has one generator
        fields["arms"] = fields["arms"][:2]
    consent = {"consent": "Do you agree?"}
    return Study.model_validate({**fields, **consent, "protocol": protocol, **changes, "session": session})


def is_real(study: Study, ballots: Sequence[Ballot]) -> list[bool]:
    return [study.arm(ballot.left).real for ballot in ballots]


@pytest.mark.parametrize("counterbalance", [True, False])
@pytest.mark.parametrize("before", [0, 1, 2, 5, 12])
def test_after_any_ballots_each_pair_comes_as_often_as_the_chance_stored_with_it(before: int, counterbalance: bool):
    study = DIGITS.replaced(session={"counterbalance": counterbalance})
    past = session(study, before, seed=before, probabilities=RULE)
    rng, rater = random.Random(1), new_rater()

    drawn = [draw(study, rater=rater, past=past, probabilities=RULE, rng=rng) for _ in range(2_000)]

    stated = {frozenset(ballot.arms): ballot.pair_probability for ballot in drawn}
    assert all(stated[frozenset(ballot.arms)] == ballot.pair_probability for ballot in drawn)
    assert sum(stated.values()) == pytest.approx(1), "all pairs that could come did, so none is left out below"
    often = Counter(frozenset(ballot.arms) for ballot in drawn)
    assert chisquare([often[pair] for pair in stated], [2_000 * chance for chance in stated.values()]).pvalue > 0.001


def test_no_pair_falls_under_its_floor_though_sides_are_even_and_the_rule_wants_another():
    ballots = [ballot for rater in range(40) for ballot in session(DIGITS, 50, seed=rater, probabilities=RULE)]

    often = Counter(frozenset(ballot.arms) for ballot in ballots)
    floor = FLOOR / len(PAIRS)
    for pair in PAIRS:
        fewer = binomtest(often[frozenset(pair)], len(ballots), floor, alternative="less").pvalue
        assert fewer > 0.001 / len(PAIRS), pair
    assert often[frozenset(FAVOURITE)] > 0.4 * len(ballots)


def test_where_items_can_run_out_a_round_holds_every_pair_and_item_once_whatever_the_rule():
    few = DIGITS.replaced(items={"seeds": 3, "paired": True}, arms=list(DIGITS.arms[:4]))
    rule = {pair: 0.95 if place == 0 else 0.01 for place, pair in enumerate(pairs(few))}

    drawn = session(few, 36, seed=0, probabilities=rule)

    pairs_and_items = [(frozenset(ballot.arms), ballot.item) for ballot in drawn]
    assert len(set(pairs_and_items[:18])) == len(set(pairs_and_items[18:])) == 18


@pytest.mark.parametrize("probabilities", [None, RULE], ids=["even", "one pair wanted"])
def test_sides_of_every_rater_and_arm_are_even_at_every_moment(probabilities: dict | None):
    for rater in range(10):
        drawn = session(DIGITS, 60, seed=rater, probabilities=probabilities)
        for count in range(1, 61):
            assert max(map(abs, imbalance(drawn[:count]).values())) <= 1


def test_sides_of_paired_items_are_even_to_one_and_two_at_the_ends_of_rounds():
    few = DIGITS.replaced(items={"seeds": 3, "paired": True}, arms=list(DIGITS.arms[:4]))
    for rater in range(10):
        drawn = session(few, 36, seed=rater)
        for count in range(1, 37):
            assert max(map(abs, imbalance(drawn[:count]).values())) <= 2


def test_the_first_side_of_an_arm_cannot_be_told():
    first = [session(DIGITS, 1, seed=seed)[0] for seed in range(2_000)]

    for arm in DIGITS.arms:
        left, right = (sum(getattr(ballot, side) == arm.id for ballot in first) for side in ("left", "right"))
        assert chisquare([left, right]).pvalue > 0.001


@pytest.mark.parametrize("protocol", ["real_or_fake", "timed"])
def test_half_of_each_ten_single_pictures_are_real(protocol: str):
    study = single(protocol)
    for rater in range(20):
        real = is_real(study, session(study, 40, seed=rater))
        assert [sum(real[start : start + 10]) for start in range(0, 40, 10)] == [5] * 4


@pytest.mark.parametrize("count", [1, 5, 7, 10, 13, 14, 16, 25])
def test_a_short_session_is_half_real_too(count: int):
    study = single().replaced(session={"ballots_per_rater": count})

    reals = [sum(is_real(study, session(study, count, seed=rater))) for rater in range(30)]

    assert {abs(2 * real - count) for real in reals} == {count % 2}
    assert len(set(reals)) == 1 + count % 2, "where half is no number, chance decides which way"


@pytest.mark.parametrize("protocol", ["real_or_fake", "timed"])
def test_generated_arms_come_evenly_to_every_rater(protocol: str):
    study = single(protocol)
    fakes = [arm.id for arm in study.competing if not arm.real]
    for rater in range(20):
        drawn = session(study, 40, seed=rater)
        for count in range(1, 41):
            per_arm = Counter(ballot.left for ballot in drawn[:count])
            assert max(per_arm[arm] for arm in fakes) - min(per_arm[arm] for arm in fakes) <= 1


def test_several_real_arms_come_evenly_too():
    another = {**DIGITS.arm("real").model_dump(), "id": "real-too"}
    study = single(arms=[*(arm.model_dump() for arm in DIGITS.arms), another])
    reals = [arm.id for arm in study.competing if arm.real]
    assert len(reals) == 2

    per_arm = Counter(ballot.left for ballot in session(study, 40, seed=0))

    assert [per_arm[arm] for arm in reals] == [10, 10]


def test_the_order_of_real_and_generated_is_random_and_differs_between_raters():
    study = single()
    orders = [tuple(is_real(study, session(study, 10, seed=seed))) for seed in range(2_000)]

    for place in range(10):
        assert binomtest(sum(order[place] for order in orders), len(orders)).pvalue > 0.001
    # In a shuffled five and five, a neighbour is alike in 4 of 9 cases.
    alike = sum(a == b for order in orders for a, b in pairwise(order))
    assert alike / (9 * len(orders)) == pytest.approx(4 / 9, abs=0.0125)
    assert len(set(orders)) > 0.99 * 252, "every order of five and five, but for a few by chance"


def test_single_pictures_come_as_often_as_the_chance_stored_with_them():
    study = single()
    past = session(study, 3, seed=5)
    rng, rater = random.Random(2), new_rater()

    drawn = [draw(study, rater=rater, past=past, rng=rng) for _ in range(2_000)]

    stated = {ballot.left: ballot.pair_probability for ballot in drawn}
    assert sum(stated.values()) == pytest.approx(1)
    often = Counter(ballot.left for ballot in drawn)
    assert chisquare([often[arm] for arm in stated], [2_000 * chance for chance in stated.values()]).pvalue > 0.001


def test_checks_in_between_do_not_upset_the_halves():
    study = single().replaced(session={"ballots_per_rater": 20})
    rng, rater = random.Random(0), new_rater()
    past: list[Ballot] = []
    for number in range(20):
        past.append(draw(study, rater=rater, past=past, rng=rng))
        if number % 3 == 0:
            past.append(draw_attention(study, Attention(answer="real"), rater=rater, past=past, rng=rng))

    ratings = [ballot for ballot in past if ballot.purpose == "rating"]
    assert len(past) == 27
    assert [sum(is_real(study, ratings[start : start + 10])) for start in (0, 10)] == [5, 5]
