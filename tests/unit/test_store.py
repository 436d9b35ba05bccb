"""Each ballot counts once, for its rater only, and for good: the same on SQLite and PostgreSQL."""

import multiprocessing
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from evaluation.qualitative import study
from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    ExpiredBallotError,
    ForeignBallotError,
    InvalidChoiceError,
    InvalidRaterError,
    InvalidReasonError,
    InvalidResponseTimeError,
    Purpose,
    Record,
    UnknownBallotError,
    UsedBallotError,
    VoteError,
    new_rater,
)
from evaluation.qualitative.drawing import digest, draw
from evaluation.qualitative.results import COLUMNS
from evaluation.qualitative.store import DAY_MS, Store, StoreUnavailableError

DIGITS = study.read("digits-by-training-step")
SPAWN = multiprocessing.get_context("spawn")
ANSWERS = (Choice.LEFT, Choice.RIGHT, Choice.TIE, Choice.SKIP)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    yield store
    store.close()


def issue(store: Store, *, rater: str | None = None) -> Ballot:
    ballot = draw(DIGITS, rater=rater or new_rater())
    store.issue(ballot)
    return ballot


def try_to_cast(store: Store, ballot: Ballot, choice: Choice = Choice.LEFT) -> str:
    """Vote; say 'counted', 'already counted' or the name of the refusal."""
    try:
        vote = store.cast(ballot.id, rater=ballot.rater, choice=choice)
    except VoteError as refusal:
        return type(refusal).__name__
    return "already counted" if vote.already_counted else "counted"


def cast_from_a_new_process(url: str, ballots: list[Ballot]) -> list[str]:
    store = Store(url)
    try:
        return [try_to_cast(store, ballot) for ballot in ballots]
    finally:
        store.close()


def cast_and_die(url: str, ballot: Ballot) -> None:
    Store(url).cast(ballot.id, rater=ballot.rater, choice=Choice.RIGHT)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_ballot_comes_back_as_it_was_issued(store: Store):
    ballot = issue(store)
    assert store.open_ballot(DIGITS.name, rater=ballot.rater) == ballot


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


def test_the_oldest_unanswered_ballot_is_the_open_one(store: Store):
    rater = new_rater()
    older, newer = issue(store, rater=rater), issue(store, rater=rater)
    assert older.issued_at < newer.issued_at

    assert store.open_ballot(DIGITS.name, rater=rater) == older
    store.cast(older.id, rater=rater, choice="left")
    assert store.open_ballot(DIGITS.name, rater=rater) == newer
    store.cast(newer.id, rater=rater, choice="skip")
    assert store.open_ballot(DIGITS.name, rater=rater) is None


def test_an_open_ballot_is_only_for_its_rater_and_study(store: Store):
    ballot = issue(store)
    assert store.open_ballot(DIGITS.name, rater=new_rater()) is None
    assert store.open_ballot("another-study", rater=ballot.rater) is None


def test_the_time_of_issue_is_kept_whatever_its_zone(store: Store):
    ballot = issue(store)
    stored = store.open_ballot(DIGITS.name, rater=ballot.rater)
    assert stored is not None
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


def test_an_expired_ballot_is_refused_and_not_offered_again(store: Store):
    now = datetime.now(UTC)
    ballot = replace(draw(DIGITS, rater=new_rater()), expires_at=now)
    store.issue(ballot)

    with pytest.raises(ExpiredBallotError, match="ask for a new one"):
        store.cast(ballot.id, rater=ballot.rater, choice="left")

    assert store.open_ballot(DIGITS.name, rater=ballot.rater) is None
    assert store.count(DIGITS.name) == 0


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

    assert store.find(ballot.id, rater=ballot.rater) == Record(ballot=ballot, vote=None)
    assert ballot.study_digest == digest(DIGITS)


@pytest.mark.parametrize("reason", ["x" * 501, "a\0b", "\ud800", 7, ["x"]])
def test_an_impossible_reason_is_refused_and_the_ballot_stays_open(store: Store, reason: object):
    ballot = issue(store)

    with pytest.raises(InvalidReasonError, match="plain text"):
        store.cast(ballot.id, rater=ballot.rater, choice="left", reason=reason)

    assert try_to_cast(store, ballot) == "counted"


def test_an_answer_that_the_study_does_not_take_is_refused(store: Store):
    ballot = issue(store)

    with pytest.raises(InvalidChoiceError, match="choose one of left, right"):
        store.cast(ballot.id, rater=ballot.rater, choice="tie", allowed=(Choice.LEFT, Choice.RIGHT))


def test_ratings_are_counted_by_pair_and_answer_and_checks_are_not(store: Store):
    first = replace(draw(DIGITS, rater=new_rater()), left="real", right="step-500")
    alike, check = (replace(first, id=new_rater(), purpose=purpose) for purpose in (Purpose.RATING, Purpose.GOLD))
    for ballot in (first, alike, check):
        store.issue(ballot)
        store.cast(ballot.id, rater=ballot.rater, choice="left")
    store.cast(alike.id, rater=alike.rater, choice="tie", correct=True)

    assert store.pair_counts(DIGITS.name) == {("real", "step-500", "left"): 1, ("real", "step-500", "tie"): 1}


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
        store.open_ballot(DIGITS.name, rater="\0")
    with pytest.raises(InvalidRaterError):
        store.count(DIGITS.name, rater="\0")


def test_one_of_many_threads_gets_the_ballot(store: Store):
    ballot, start = issue(store), Barrier(16)

    def cast(choice: Choice) -> str:
        start.wait()
        return try_to_cast(store, ballot, choice)

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(cast, list(ANSWERS) * 4))

    assert outcomes == {"counted": 1, "already counted": 3, "UsedBallotError": 12}
    assert store.count(DIGITS.name) == 1


def test_votes_of_many_threads_are_all_counted(store: Store):
    ballots = [issue(store) for _ in range(64)]

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(lambda ballot: try_to_cast(store, ballot), ballots))

    assert outcomes == {"counted": 64}
    assert store.count(DIGITS.name) == 64


def test_two_processes_that_start_together_on_an_empty_database_count_each_ballot_once(database_url: str):
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        assert list(pool.map(cast_from_a_new_process, [database_url] * 2, [[]] * 2)) == [[], []]
        store = Store(database_url)
        ballots = [issue(store) for _ in range(25)]
        outcomes = list(pool.map(cast_from_a_new_process, [database_url] * 2, [ballots] * 2))

    assert [sorted(twice) for twice in zip(*outcomes, strict=True)] == [["already counted", "counted"]] * 25
    assert store.count(DIGITS.name) == 25
    store.close()


def test_a_restart_loses_nothing(database_url: str):
    before = Store(database_url)
    answered, unanswered = issue(before), issue(before)
    before.cast(answered.id, rater=answered.rater, choice="right", response_ms=700)
    results = before.results(DIGITS.name)
    before.close()

    after = Store(database_url)

    assert after.results(DIGITS.name).equals(results)
    assert after.open_ballot(DIGITS.name, rater=unanswered.rater) == unanswered
    assert try_to_cast(after, answered, Choice.RIGHT) == "already counted"
    assert try_to_cast(after, answered, Choice.LEFT) == "UsedBallotError"
    after.close()


def test_an_acknowledged_vote_survives_the_death_of_its_process(store: Store, database_url: str):
    ballot = issue(store)

    process = SPAWN.Process(target=cast_and_die, args=(database_url, ballot))
    process.start()
    process.join()

    assert process.exitcode == -signal.SIGKILL
    assert list(store.results(DIGITS.name)["choice"]) == ["right"]


def test_sqlite_reaches_the_disk_with_every_commit(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'new' / 'votes.sqlite3'}")

    with store._engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }

    full = 2
    assert settings == {"journal_mode": "wal", "synchronous": full, "foreign_keys": 1, "busy_timeout": 30_000}
    store.close()


def test_a_database_that_breaks_is_told_apart_from_a_bad_vote(tmp_path: Path):
    file = tmp_path / "votes.sqlite3"
    store = Store(f"sqlite:///{file}")
    ballot = issue(store)
    with sqlite3.connect(file) as other:
        other.execute("ALTER TABLE votes RENAME TO gone")

    with pytest.raises(StoreUnavailableError, match="try again in a moment"):
        store.cast(ballot.id, rater=ballot.rater, choice="left")

    with sqlite3.connect(file) as other:
        other.execute("ALTER TABLE gone RENAME TO votes")
    assert try_to_cast(store, ballot) == "counted"
    store.close()


@pytest.mark.parametrize(
    "url", ["", "not a url", "sqlite://", "sqlite:///:memory:", "nosuch://host/db", "postgresql://127.0.0.1:1/votes"]
)
def test_a_database_that_cannot_be_used_is_refused_at_once(url: str):
    with pytest.raises(StoreUnavailableError):
        Store(url)


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path):
    file = tmp_path / "votes.sqlite3"
    file.write_text("my votes, by hand" * 100)

    with pytest.raises(StoreUnavailableError):
        Store(f"sqlite:///{file}")

    assert file.read_text() == "my votes, by hand" * 100
