from pathlib import Path

import pytest

from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.store.waiting import PAUSE_S, WaitingStore, open_or_wait


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
