"""A visitor's own ranking: the order by the visitor's votes, beside everybody's."""

from dataclasses import replace

import pytest

from demos.just_look.own.ranking import OwnRanking, own_ranking, sentence
from evaluation.qualitative.ballot import Choice, Record, Vote, new_rater
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.study.reading import read

STUDY = read("digits-by-training-step")
ARMS = [arm.id for arm in STUDY.competing]
RATER = new_rater()


def record(left: str, right: str, choice: str | None) -> Record:
    ballot = replace(draw(STUDY, rater=RATER), left=left, right=right)
    if choice is None:
        return Record(ballot=ballot, vote=None)
    vote = Vote(ballot=ballot, choice=Choice(choice), response_ms=900, cast_at=ballot.issued_at)
    return Record(ballot=ballot, vote=vote)


def test_the_order_is_that_of_the_votes_and_leaves_out_what_was_not_judged():
    mine = own_ranking(
        [
            record("real", "step-500", "left"),
            record("step-1000", "real", "right"),
            record("step-500", "step-1000", "right"),
            record("step-2000", "real", "skip"),
            record("step-2000", "real", None),
        ],
        ARMS,
    )
    assert mine.places == {"real": "1", "step-1000": "2", "step-500": "3"}
    assert mine.votes == 3


def test_equal_arms_share_a_place():
    mine = own_ranking([record("real", "step-500", "tie")], ARMS)
    assert mine.places == {"real": "1", "step-500": "1"}


@pytest.mark.parametrize("choice", ["skip", None])
def test_without_a_judgement_there_is_no_ranking(choice: str | None):
    assert own_ranking([record("real", "step-500", choice)], ARMS) is None


def test_agreement_counts_the_pairs_that_both_decide():
    mine = OwnRanking(scores={"a": 3.0, "b": 2.0, "c": 1.0, "d": 1.0}, votes=5)
    everybody = {"a": 1.0, "b": 2.0, "c": 0.0}
    assert mine.agreement(everybody) == (2, 3)
    assert sentence(mine, everybody) == (
        "“Yours” is the order by your own 5 votes: it puts 2 of 3 pairs of sources in the same order as everybody."
    )
    assert sentence(replace(mine, votes=1), {}) == "“Yours” is the order by your own 1 vote."


def test_the_best_and_the_worst_of_four_give_an_order_too():
    ballot = replace(draw(STUDY, rater=RATER), left="real", right="step-500", third="step-1000", fourth="step-2000")
    vote = Vote(ballot=ballot, choice=Choice.BEST_1_WORST_2, response_ms=900, cast_at=ballot.issued_at)
    mine = own_ranking([Record(ballot=ballot, vote=vote)], ARMS)
    assert mine.places == {"real": "1", "step-1000": "2", "step-2000": "2", "step-500": "4"}
    assert mine.votes == 1
