"""Each ballot counts once, for its rater only, and for good: the same on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import sqlalchemy as sa

from evaluation.qualitative.ballot import (
    DAY_MS,
    Choice,
    Purpose,
    Record,
    new_rater,
)
from evaluation.qualitative.session.ballot_sampling import digest, draw
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.vote_table import COLUMNS
from tests.support.votes import ANSWERS, DIGITS, issue, unanswered


def test_a_ballot_comes_back_as_it_was_issued(store: Store):
    ballot = issue(store)
    assert store.history(DIGITS.name, rater=ballot.rater) == [Record(ballot=ballot, vote=None)]


def test_a_vote_is_returned_with_its_ballot(store: Store):
    ballot = issue(store)

    vote = store.cast(ballot.id, rater=ballot.rater, choice="tie", response_ms=1234)

    assert (vote.ballot, vote.choice, vote.response_ms) == (ballot, Choice.TIE, 1234)
    assert ballot.issued_at <= vote.cast_at <= datetime.now(UTC)


def test_results_list_the_votes_in_the_order_they_came(store: Store):
    rater = new_rater()
    ballots = [issue(store, rater=rater) for _ in ANSWERS]
    for ballot, choice, response_ms in zip(ballots, ANSWERS, [0, None, DAY_MS, 5], strict=True):
        store.cast(ballot.id, rater=rater, choice=choice, response_ms=response_ms)

    results = store.results(DIGITS.name)

    assert list(results.columns) == list(COLUMNS)
    assert list(results["ballot"]) == [ballot.id for ballot in ballots]
    assert list(results["left"]) == [ballot.left for ballot in ballots]
    assert list(results["right"]) == [ballot.right for ballot in ballots]
    assert list(results["choice"]) == ["left", "right", "tie", "skip"]
    assert results["response_ms"].isna().tolist() == [False, True, False, False]
    assert results["response_ms"].dropna().tolist() == [0, DAY_MS, 5]


def test_a_study_without_votes_has_empty_results(store: Store):
    issue(store)
    assert store.results(DIGITS.name).empty
    assert store.count(DIGITS.name) == 0


def test_votes_are_counted_by_study_and_rater(store: Store):
    mine, other = new_rater(), new_rater()
    for rater in (mine, mine, other):
        ballot = issue(store, rater=rater)
        store.cast(ballot.id, rater=rater, choice="left")
    issue(store, rater=mine)

    assert store.count(DIGITS.name) == 3
    assert store.count(DIGITS.name, rater=mine) == 2
    assert store.count("another-study") == 0


def test_the_history_is_oldest_first_and_knows_the_answers(store: Store):
    rater = new_rater()
    older, newer = issue(store, rater=rater), issue(store, rater=rater)
    assert older.issued_at < newer.issued_at

    assert unanswered(store, DIGITS.name, rater=rater) == [older, newer]
    store.cast(older.id, rater=rater, choice="left")
    assert unanswered(store, DIGITS.name, rater=rater) == [newer]
    store.cast(newer.id, rater=rater, choice="skip")
    assert unanswered(store, DIGITS.name, rater=rater) == []
    assert [record.vote.choice for record in store.history(DIGITS.name, rater=rater)] == ["left", "skip"]


def test_a_ballot_is_only_in_the_history_of_its_rater_and_study(store: Store):
    ballot = issue(store)
    assert store.history(DIGITS.name, rater=new_rater()) == []
    assert store.history("another-study", rater=ballot.rater) == []


def test_the_time_of_issue_is_kept_whatever_its_zone(store: Store):
    ballot = issue(store)
    [stored] = unanswered(store, DIGITS.name, rater=ballot.rater)
    assert stored.issued_at.utcoffset() == timedelta(0)


def test_the_same_vote_again_is_told_so_and_changes_nothing(store: Store):
    ballot = issue(store)
    first = store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=900, reason="sharper")
    before = store.results(DIGITS.name)

    again = store.cast(ballot.id, rater=ballot.rater, choice="left", response_ms=100)

    assert again == replace(first, already_counted=True)
    assert store.results(DIGITS.name).equals(before)


def test_a_correction_supersedes_the_vote_and_both_rows_stay(store: Store):
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left", reason="sharper")

    corrected = store.cast(ballot.id, rater=ballot.rater, choice="tie", response_ms=7, correct=True)
    again = store.cast(ballot.id, rater=ballot.rater, choice="tie", correct=True)

    assert (corrected.revision, corrected.already_counted) == (1, False)
    assert again == replace(corrected, already_counted=True)
    (result,) = store.results(DIGITS.name).to_dict("records")
    assert (result["choice"], result["reason"], result["response_ms"], result["revision"]) == ("tie", "", 7, 1)
    assert store.count(DIGITS.name) == 1
    with store.reading() as connection:
        kept = connection.execute(sa.text("SELECT revision, choice FROM votes ORDER BY id")).all()
    assert kept == [(0, "left"), (1, "tie")]


def test_corrections_of_many_threads_form_one_chain(store: Store):
    ballot, start = issue(store), Barrier(8)
    store.cast(ballot.id, rater=ballot.rater, choice="left")

    def correct(number: int) -> int:
        start.wait()
        given = {"rater": ballot.rater, "choice": "right", "reason": str(number), "correct": True}
        return store.cast(ballot.id, **given).revision

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(correct, range(8))) == list(range(1, 9))


def test_everything_about_a_ballot_is_stored(store: Store):
    ballot = replace(
        draw(DIGITS, rater=new_rater()),
        item="photo--painting",
        purpose=Purpose.GOLD,
        expected=Choice.RIGHT,
        instruction="Answer “right”.",
        exposure_ms=500,
        expires_at=datetime.now(UTC) + timedelta(days=1),
        position=3,
        address="f" * 32,
    )
    store.issue(ballot)

    assert store.history(DIGITS.name, rater=ballot.rater) == [Record(ballot=ballot, vote=None)]
    assert ballot.study_digest == digest(DIGITS)


def test_ratings_are_counted_by_pair_and_answer_and_checks_are_not(store: Store):
    first = replace(draw(DIGITS, rater=new_rater()), left="real", right="step-500")
    alike, check = (replace(first, id=new_rater(), purpose=purpose) for purpose in (Purpose.RATING, Purpose.GOLD))
    for ballot in (first, alike, check):
        store.issue(ballot)
        store.cast(ballot.id, rater=ballot.rater, choice="left")
    store.cast(alike.id, rater=alike.rater, choice="tie", correct=True)

    assert store.pair_counts(DIGITS.name) == {("real", "step-500", "left"): 1, ("real", "step-500", "tie"): 1}
