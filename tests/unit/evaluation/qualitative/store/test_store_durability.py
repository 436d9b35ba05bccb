"""Whoever votes at once, whatever dies: each ballot counts once and stays, on SQLite and PostgreSQL."""

import multiprocessing
import os
import signal
import sqlite3
import stat
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from threading import Barrier

import pytest

from evaluation.qualitative.ballot import (
    Ballot,
    Choice,
    Record,
    new_rater,
)
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from tests.support.votes import ANSWERS, DIGITS, issue, try_to_cast

SPAWN = multiprocessing.get_context("spawn")


def cast_from_a_new_process(url: str, ballots: list[Ballot]) -> list[str]:
    store = Store(url)
    try:
        return [try_to_cast(store, ballot) for ballot in ballots]
    finally:
        store.close()


def cast_and_die(url: str, ballot: Ballot) -> None:
    Store(url).cast(ballot.id, rater=ballot.rater, choice=Choice.RIGHT)
    os.kill(os.getpid(), signal.SIGKILL)


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
    assert after.history(DIGITS.name, rater=unanswered.rater) == [Record(ballot=unanswered, vote=None)]
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


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_nobody_else_on_the_machine_may_read_votes(tmp_path: Path):
    file = tmp_path / "votes.sqlite3"
    before = os.umask(0o022)
    try:
        for _ in range(2):  # also where an older version has left them readable
            store = Store(f"sqlite:///{file}")
            issue(store)
            held = sorted(path.name for path in tmp_path.iterdir() if path.stat().st_size and mode(path) != 0o600)
            assert held == []
            store.close()
            for path in (file, tmp_path / "votes.sqlite3.jsonl"):
                assert mode(path) == 0o600
                path.chmod(0o644)
    finally:
        os.umask(before)


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(days=-30), timedelta(days=3)])
def test_a_clock_that_jumps_loses_no_vote_and_counts_none_twice(
    store: Store, jump: timedelta, monkeypatch: pytest.MonkeyPatch
):
    """Ballots of before are answered after, and answers are sent again from either side of the jump."""

    class EveryMoment(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, datetime)

    class Moved(datetime, metaclass=EveryMoment):
        shift = timedelta()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + cls.shift

    for module in [module for name, module in sys.modules.items() if name.startswith("evaluation.qualitative")]:
        if getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Moved)
    rater = new_rater()
    ballots = [issue(store) for _ in range(4)]
    own = [store.issue(draw(DIGITS, rater=rater)) for _ in range(2)]
    assert try_to_cast(store, ballots[0]) == "counted"
    store.cast(own[0].id, rater=rater, choice="left")

    Moved.shift = jump
    assert [try_to_cast(store, ballot) for ballot in ballots] == ["already counted", *["counted"] * 3]
    late = store.cast(own[1].id, rater=rater, choice="right")
    Moved.shift = timedelta()
    assert [try_to_cast(store, ballot) for ballot in ballots] == ["already counted"] * 4

    assert abs(late.cast_at - datetime.now(UTC) - jump) < timedelta(hours=1), "the jump was real"
    assert store.count(DIGITS.name) == 6
    assert sorted(store.results(DIGITS.name)["ballot"]) == sorted(ballot.id for ballot in (*ballots, *own))
    assert {record.ballot.id for record in store.history(DIGITS.name, rater=rater)} == {ballot.id for ballot in own}
