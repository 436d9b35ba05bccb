"""Ballots are drawn fairly, can't be guessed, and wait for their rater."""

import random
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from scipy.stats import chisquare

from evaluation.qualitative.ballot import Ballot, InvalidRaterError, new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.session import RatingSessions
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from models.gan.seeds import MAX_SEED

DIGITS = reading.read("digits-by-training-step")
ARMS = [arm.id for arm in DIGITS.arms]


def next_ballot(study, store, *, rater):
    ballot = RatingSessions(store, study).stage(rater).ballot
    assert ballot is not None
    return ballot


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    yield store
    store.close()


def draw_many(count: int) -> list[Ballot]:
    rng, rater = random.Random(0), new_rater()
    return [draw(DIGITS, rater=rater, rng=rng) for _ in range(count)]


def test_every_pair_is_drawn_as_often_as_its_stated_probability():
    ballots = draw_many(4_200)

    pairs = Counter(frozenset({ballot.left, ballot.right}) for ballot in ballots)
    assert {ballot.pair_probability for ballot in ballots} == {1 / 21}
    assert set(pairs) == {frozenset(pair) for pair in combinations(ARMS, 2)}
    assert chisquare(list(pairs.values())).pvalue > 0.001


def test_every_arm_is_on_the_left_half_of_the_time():
    ballots = draw_many(4_200)

    for arm in ARMS:
        left = sum(ballot.left == arm for ballot in ballots)
        right = sum(ballot.right == arm for ballot in ballots)
        assert chisquare([left, right]).pvalue > 0.001


def test_each_picture_has_a_seed_of_its_own_over_the_whole_range():
    ballots = draw_many(1_000)

    seeds = [seed for ballot in ballots for seed in (ballot.left_seed, ballot.right_seed)]
    assert len(set(seeds)) > 1_990
    assert 0 <= min(seeds) < MAX_SEED * 0.01
    assert MAX_SEED * 0.99 < max(seeds) <= MAX_SEED


def test_the_same_chance_draws_the_same_pair_under_another_id():
    rater = new_rater()

    first, second = (draw(DIGITS, rater=rater, rng=random.Random(7)) for _ in range(2))

    drawn = [(b.left, b.right, b.left_seed, b.right_seed) for b in (first, second)]
    assert drawn[0] == drawn[1]
    assert first.id != second.id


def test_ids_of_ballots_and_raters_do_not_repeat():
    assert len({ballot.id for ballot in draw_many(1_000)}) == 1_000
    assert len({new_rater() for _ in range(1_000)}) == 1_000


@pytest.mark.parametrize(
    "rater", ["", "short", "x" * 65, "x" * 5_000_000, "a b" * 6, "é" * 20, "a" * 20 + "\n", None, 7]
)
def test_a_malformed_rater_gets_no_ballot(store: Store, rater: object):
    with pytest.raises(InvalidRaterError, match="reload the page") as refused:
        next_ballot(DIGITS, store, rater=rater)

    assert len(str(refused.value)) < 200
    with pytest.raises(InvalidRaterError):
        draw(DIGITS, rater=rater)


def test_a_reload_shows_the_same_pair(store: Store):
    rater = new_rater()
    assert next_ballot(DIGITS, store, rater=rater) == next_ballot(DIGITS, store, rater=rater)


def test_a_new_pair_comes_after_the_vote(store: Store):
    rater = new_rater()
    first = next_ballot(DIGITS, store, rater=rater)
    store.cast(first.id, rater=rater, choice="left")

    second = next_ballot(DIGITS, store, rater=rater)

    assert second.id != first.id
    assert next_ballot(DIGITS, store, rater=rater) == second


def test_raters_have_ballots_of_their_own(store: Store):
    assert next_ballot(DIGITS, store, rater=new_rater()).id != next_ballot(DIGITS, store, rater=new_rater()).id


def test_a_pair_with_an_arm_that_left_the_study_is_not_shown_again(store: Store):
    rater = new_rater()
    old = next_ballot(DIGITS, store, rater=rater)
    smaller = DIGITS.model_copy(update={"arms": [arm for arm in DIGITS.arms if arm.id != old.left]})

    new = next_ballot(smaller, store, rater=rater)

    assert old.left not in (new.left, new.right)
    assert next_ballot(smaller, store, rater=rater) == new
