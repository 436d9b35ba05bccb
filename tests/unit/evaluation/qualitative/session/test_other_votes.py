"""How many others judge as a rater does: their votes on the same arms, whatever the sides, without the rater's own."""

from pathlib import Path

import pytest

from evaluation.qualitative.ballot import Ballot, Vote, new_rater
from evaluation.qualitative.session import other_votes
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.other_votes import Concurrence, OtherVotes
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.reading import read

STUDY = read("digits-by-training-step")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")


def vote(store: Store, choice: str, *, left: str = "real", right: str = "step-500", rater: str = "") -> Vote:
    drawn = draw(STUDY, rater=rater or new_rater())
    ballot = store.issue(Ballot(**{**vars(drawn), "left": left, "right": right}))
    return store.cast(ballot.id, rater=ballot.rater, choice=choice, response_ms=900)


def test_votes_on_the_same_arms_agree_whatever_the_sides(store: Store):
    vote(store, "left")
    vote(store, "right", left="step-500", right="real")
    vote(store, "right")
    vote(store, "tie")

    agreement = OtherVotes(store, STUDY.name).agreement(vote(store, "left"))

    assert agreement == Concurrence(agreeing=2, votes=4)


def test_other_arms_skips_and_ones_own_votes_do_not_count(store: Store):
    mine = new_rater()
    vote(store, "left", right="step-1000")
    vote(store, "skip")
    vote(store, "left", rater=mine)
    vote(store, "right")

    agreement = OtherVotes(store, STUDY.name).agreement(vote(store, "left", rater=mine))

    assert agreement == Concurrence(agreeing=0, votes=1)


def test_a_skip_agrees_with_nobody(store: Store):
    assert OtherVotes(store, STUDY.name).agreement(vote(store, "skip")) is None


def test_counts_are_used_again_and_then_read_anew(store: Store, monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(other_votes.time, "monotonic", lambda: now[0])
    others = OtherVotes(store, STUDY.name)
    mine = new_rater()
    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=0, votes=0)
    vote(store, "left")
    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=0, votes=0)

    now[0] = other_votes.AGE_S + 1

    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=1, votes=1)
