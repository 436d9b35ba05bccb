"""How many others judge as a rater does: their votes on the same arms, whatever the sides, without the rater's own."""

import pytest

from evaluation.qualitative.ballot import Ballot, Vote, new_rater
from evaluation.qualitative.session import other_votes
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.session.other_votes import Concurrence, OtherVotes
from evaluation.qualitative.store import events
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study.reading import read
from tests.support.queries import queries

STUDY = read("digits-by-training-step")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed, as the counts see them."""
    now = [0.0]
    monkeypatch.setattr(other_votes.time, "monotonic", lambda: now[0])
    return now


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


def test_counts_are_used_again_and_then_follow_the_votes(store: Store, clock: list[float]):
    others = OtherVotes(store, STUDY.name)
    mine = new_rater()
    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=0, votes=0)
    vote(store, "left")
    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=0, votes=0)

    clock[0] += other_votes.AGE_S + 1

    assert others.agreement(vote(store, "left", rater=mine)) == Concurrence(agreeing=1, votes=1)


def test_a_vote_asks_nothing_of_the_database_and_later_only_for_what_is_new(store: Store, clock: list[float]):
    others, mine = OtherVotes(store, STUDY.name), new_rater()
    for _ in range(5):
        vote(store, "left")
    others.agreement(vote(store, "left", rater=mine))
    cast = [vote(store, "left", rater=mine) for _ in range(3)]

    with queries(store) as sent:
        for known in cast:
            others.agreement(known)
    assert sent == []

    clock[0] += other_votes.AGE_S + 1
    with queries(store) as sent:
        assert others.agreement(cast[0]) == Concurrence(agreeing=5, votes=5)
    assert not [statement for statement in sent if "GROUP BY" in statement], "all votes were counted again"
    assert [statement for statement in sent if "votes.id >" in statement]


def test_votes_of_other_studies_and_checks_are_passed_over(store: Store, clock: list[float]):
    others = OtherVotes(store, STUDY.name)
    known = vote(store, "left")
    others.agreement(known)
    drawn = draw(STUDY, rater=new_rater())
    for changes in ({"study": "another"}, {"purpose": "gold"}):
        ballot = store.issue(
            Ballot(**{**vars(drawn), "left": "real", "right": "step-500", **changes, "id": repr(changes)})
        )
        store.cast(ballot.id, rater=ballot.rater, choice="left")

    clock[0] += other_votes.AGE_S + 1

    assert others.agreement(known) == Concurrence(agreeing=0, votes=0)


@pytest.mark.parametrize("change", ["withdrawn", "corrected"])
def test_votes_that_are_gone_are_counted_no_more_after_a_minute(store: Store, clock: list[float], change: str):
    others, known = OtherVotes(store, STUDY.name), vote(store, "left")
    gone = vote(store, "left")
    assert others.agreement(known) == Concurrence(agreeing=1, votes=1)
    if change == "withdrawn":
        events.withdraw(store, STUDY.name, rater=gone.ballot.rater)
    else:
        store.cast(gone.ballot.id, rater=gone.ballot.rater, choice="tie", correct=True)

    for _ in range(2):
        clock[0] += other_votes.RECOUNT_S / 2 + 1
        counted = others.agreement(known)

    assert counted == Concurrence(agreeing=0, votes=0 if change == "withdrawn" else 1)


def test_of_many_raters_the_last_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(other_votes, "RATERS", 1)
    others, first, second = OtherVotes(store, STUDY.name), vote(store, "left"), vote(store, "left")
    for known in (first, second, first):
        assert others.agreement(known) == Concurrence(agreeing=1, votes=1)
