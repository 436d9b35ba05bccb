"""What is no vote is refused in one sentence, and the ballot stays open: the same on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evaluation.qualitative.ballot import (
    DAY_MS,
    Choice,
    ExpiredBallotError,
    ForeignBallotError,
    InvalidChoiceError,
    InvalidRaterError,
    InvalidReasonError,
    InvalidResponseTimeError,
    Record,
    UnknownBallotError,
    UsedBallotError,
    VoteError,
    new_rater,
)
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.store import Store
from tests.support.votes import ANSWERS, DIGITS, issue, try_to_cast


def test_an_expired_ballot_is_refused(store: Store):
    now = datetime.now(UTC)
    ballot = replace(draw(DIGITS, rater=new_rater()), expires_at=now)
    store.issue(ballot)

    with pytest.raises(ExpiredBallotError, match="ask for a new one"):
        store.cast(ballot.id, rater=ballot.rater, choice="left")

    assert store.count(DIGITS.name) == 0


@pytest.mark.parametrize("reason", ["x" * 501, "a\0b", "\ud800", 7, ["x"]])
def test_an_impossible_reason_is_refused_and_the_ballot_stays_open(store: Store, reason: object):
    ballot = issue(store)

    with pytest.raises(InvalidReasonError, match="plain text"):
        store.cast(ballot.id, rater=ballot.rater, choice="left", reason=reason)

    assert try_to_cast(store, ballot) == "counted"


def test_an_answer_that_the_study_does_not_take_is_refused(store: Store):
    ballot = issue(store)

    with pytest.raises(InvalidChoiceError, match="choose one of left, right"):
        store.cast(ballot.id, rater=ballot.rater, choice="tie", rules=lambda _: (Choice.LEFT, Choice.RIGHT))


def test_the_rules_get_the_ballot_with_its_answer_and_can_refuse_it(store: Store):
    ballot, calls = issue(store), []

    def rules(record: Record) -> tuple[Choice, ...]:
        calls.append((record.ballot, record.vote and record.vote.choice))
        if record.vote is not None:
            raise VoteError("Once is enough.")
        return (Choice.LEFT,)

    store.cast(ballot.id, rater=ballot.rater, choice="left", rules=rules)
    with pytest.raises(VoteError, match="Once is enough"):
        store.cast(ballot.id, rater=ballot.rater, choice="left", rules=rules)

    assert calls == [(ballot, None), (ballot, "left")]
    assert store.count(DIGITS.name) == 1


@pytest.mark.parametrize("second", ANSWERS[1:])
def test_a_second_vote_is_refused_and_changes_nothing(store: Store, second: Choice):
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=900)
    before = store.results(DIGITS.name)

    with pytest.raises(UsedBallotError, match="already has its vote"):
        store.cast(ballot.id, rater=ballot.rater, choice=second, response_ms=100)

    assert store.results(DIGITS.name).equals(before)


@pytest.mark.parametrize(
    "ballot_id", ["", "nothing", "x" * 22, "x" * 5_000_000, "\0", "\ud800", "' OR 1=1 --", None, 7, ["x"]]
)
def test_an_unknown_ballot_is_refused(store: Store, ballot_id: object):
    issue(store)

    with pytest.raises(UnknownBallotError, match="ask for a new pair"):
        store.cast(ballot_id, rater=new_rater(), choice="left")

    assert store.count(DIGITS.name) == 0


@pytest.mark.parametrize("rater", [new_rater(), "", None, "\0"], ids=["another", "empty", "none", "NUL"])
def test_a_ballot_of_another_rater_is_refused_and_stays_open(store: Store, rater: object):
    ballot = issue(store)

    with pytest.raises(ForeignBallotError, match="another rater"):
        store.cast(ballot.id, rater=rater, choice="left")

    assert store.count(DIGITS.name) == 0
    assert try_to_cast(store, ballot) == "counted"


@pytest.mark.parametrize("choice", ["", "LEFT", "both", 0, None, ["left"], {}, "x" * 5_000_000])
def test_an_invalid_choice_is_refused_and_the_ballot_stays_open(store: Store, choice: object):
    ballot = issue(store)

    with pytest.raises(InvalidChoiceError, match="choose one of left, right, tie") as refused:
        store.cast(ballot.id, rater=ballot.rater, choice=choice)

    assert len(str(refused.value)) < 200
    assert try_to_cast(store, ballot) == "counted"


@pytest.mark.parametrize("response_ms", [-1, DAY_MS + 1, 10**400, 1.5, float("nan"), True, "100"])
def test_an_impossible_response_time_is_refused_and_the_ballot_stays_open(store: Store, response_ms: object):
    ballot = issue(store)

    with pytest.raises(InvalidResponseTimeError, match="milliseconds") as refused:
        store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=response_ms)

    assert len(str(refused.value)) < 200
    assert try_to_cast(store, ballot) == "counted"


def test_a_malformed_rater_is_refused(store: Store):
    with pytest.raises(InvalidRaterError):
        store.history(DIGITS.name, rater="\0")
    with pytest.raises(InvalidRaterError):
        store.count(DIGITS.name, rater="\0")
