"""Each ballot counts once, for its rater only, and for good: the same on SQLite and PostgreSQL."""

import multiprocessing
import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from evaluation.qualitative import study
from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    ForeignBallotError,
    InvalidChoiceError,
    InvalidRaterError,
    InvalidResponseTimeError,
    UnknownBallotError,
    UsedBallotError,
    VoteError,
    draw,
    new_rater,
)
from evaluation.qualitative.store import DAY_MS, Store, StoreUnavailableError

DIGITS = study.read("digits-by-training-step")
SPAWN = multiprocessing.get_context("spawn")
ANSWERS = (Choice.LEFT, Choice.RIGHT, Choice.TIE, Choice.SKIP)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'votes.sqlite3'}"
    new_postgres_database: Callable[[], str] = request.getfixturevalue("new_postgres_database")
    return new_postgres_database()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def issue(store: Store, *, rater: str | None = None) -> Ballot:
    ballot = draw(DIGITS, rater=rater or new_rater())
    store.issue(ballot)
    return ballot


def try_to_cast(store: Store, ballot: Ballot, choice: Choice = Choice.LEFT) -> str:
    """Vote; say 'counted' or the name of the refusal."""
    try:
        store.cast(ballot.id, rater=ballot.rater, choice=choice)
    except VoteError as refusal:
        return type(refusal).__name__
    return "counted"


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

    assert list(results.columns) == ["rater", "left", "right", "choice", "response_ms"]
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


def test_the_newest_unanswered_ballot_is_the_open_one(store: Store):
    rater = new_rater()
    older, newer = issue(store, rater=rater), issue(store, rater=rater)
    assert older.issued_at < newer.issued_at

    assert store.open_ballot(DIGITS.name, rater=rater) == newer
    store.cast(newer.id, rater=rater, choice="left")
    assert store.open_ballot(DIGITS.name, rater=rater) == older
    store.cast(older.id, rater=rater, choice="skip")
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


@pytest.mark.parametrize("second", ANSWERS)
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


@pytest.mark.parametrize("rater", [new_rater(), "", None, "\0"])
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

    assert outcomes == {"counted": 1, "UsedBallotError": 15}
    assert store.count(DIGITS.name) == 1


def test_votes_of_many_threads_are_all_counted(store: Store):
    ballots = [issue(store) for _ in range(64)]

    with ThreadPoolExecutor(16) as pool:
        outcomes = Counter(pool.map(lambda ballot: try_to_cast(store, ballot), ballots))

    assert outcomes == {"counted": 64}
    assert store.count(DIGITS.name) == 64


def test_two_processes_that_start_together_on_an_empty_database_count_each_ballot_once(url: str):
    with ProcessPoolExecutor(2, mp_context=SPAWN) as pool:
        assert list(pool.map(cast_from_a_new_process, [url] * 2, [[]] * 2)) == [[], []]
        store = Store(url)
        ballots = [issue(store) for _ in range(25)]
        outcomes = list(pool.map(cast_from_a_new_process, [url] * 2, [ballots] * 2))

    assert [sorted(twice) for twice in zip(*outcomes, strict=True)] == [["UsedBallotError", "counted"]] * 25
    assert store.count(DIGITS.name) == 25
    store.close()


def test_a_restart_loses_nothing(url: str):
    before = Store(url)
    answered, unanswered = issue(before), issue(before)
    before.cast(answered.id, rater=answered.rater, choice="right", response_ms=700)
    results = before.results(DIGITS.name)
    before.close()

    after = Store(url)

    assert after.results(DIGITS.name).equals(results)
    assert after.open_ballot(DIGITS.name, rater=unanswered.rater) == unanswered
    assert try_to_cast(after, answered) == "UsedBallotError"
    after.close()


def test_an_acknowledged_vote_survives_the_death_of_its_process(store: Store, url: str):
    ballot = issue(store)

    process = SPAWN.Process(target=cast_and_die, args=(url, ballot))
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
