from pathlib import Path

import pytest

from evaluation.qualitative.ballot import Vote
from evaluation.qualitative.store import waiting
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.mirror import Mirror
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.waiting import PAUSE_S, WaitingStore, open_or_wait
from tests.support.votes import issue


def test_a_database_that_is_there_is_opened(tmp_path: Path):
    assert isinstance(open_or_wait(f"sqlite:///{tmp_path}/votes.sqlite3"), Store)


def test_a_file_that_cannot_be_made_is_named_and_nothing_else_stops(tmp_path: Path):
    (tmp_path / "blocked").write_text("a file, not a folder")
    store = open_or_wait(f"sqlite:///{tmp_path}/blocked/votes.sqlite3")
    with pytest.raises(StoreUnavailableError, match=r"blocked/votes\.sqlite3 can't be opened .* set DATABASE_URL"):
        store.count("any-study")


def test_votes_are_taken_once_the_database_answers(tmp_path: Path):
    seconds = [0.0]
    tries = []

    def opening() -> Store:
        tries.append(seconds[0])
        if len(tries) == 1:
            raise StoreUnavailableError("still away")
        return Store(f"sqlite:///{tmp_path}/votes.sqlite3")

    store = WaitingStore(opening, StoreUnavailableError("away"), clock=lambda: seconds[0])
    for moment, reason in ((1.0, "^away$"), (PAUSE_S, "still away"), (PAUSE_S + 1, "still away")):
        seconds[0] = moment
        with pytest.raises(StoreUnavailableError, match=reason):
            store.count("any-study")
    seconds[0] = 2 * PAUSE_S
    assert store.count("any-study") == 0
    assert tries == [PAUSE_S, 2 * PAUSE_S]


def test_whoever_listens_hears_of_votes_from_the_time_on_when_the_database_answers(tmp_path: Path):
    heard: list[str] = []

    class Hears:
        def voted(self, vote: Vote) -> None:
            heard.append(vote.ballot.id)

        def withdrew(self, row: dict[str, object]) -> None:
            raise AssertionError("nobody withdrew")

    path, listener, gone = tmp_path / "votes.sqlite3", Hears(), Hears()
    store = WaitingStore(
        lambda: Store(f"sqlite:///{path}"), StoreUnavailableError("away"), clock=iter([0.0, PAUSE_S, PAUSE_S]).__next__
    )
    store.subscribe(listener)
    store.subscribe(gone)
    store.unsubscribe(gone)

    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left")

    assert heard == [ballot.id]
    store.unsubscribe(listener)
    other = issue(store)
    store.cast(other.id, rater=other.rater, choice="left")
    assert heard == [ballot.id]


def test_the_mirror_begins_when_the_database_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    blocked = tmp_path / "late"
    blocked.write_text("a file, where a folder is needed")
    url = f"sqlite:///{blocked}/votes.sqlite3"
    store = open_or_wait(url)
    assert store.journal is not None
    assert store.journal.path == blocked / "votes.sqlite3.jsonl"
    mirror = Mirror("lab/votes", store, folder=tmp_path / "mirror", every=60)
    mirror.catch_up()
    assert not (tmp_path / "mirror").exists(), "the database is away"

    blocked.unlink()
    monkeypatch.setattr(waiting, "PAUSE_S", 0.0)
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice="left")
    mirror.catch_up()

    (lines,) = (tmp_path / "mirror").glob("*.jsonl")
    assert ballot.id in lines.read_text()
    mirror.close()
    store.close()
