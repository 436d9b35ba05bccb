"""Files are read while they are written, made once for all who want them, and given up when nobody does."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demos.just_look.reports import files
from demos.just_look.reports.files import Files, GrowingFile, named
from demos.parts.apart import BusyError
from evaluation.qualitative.study.arms import StudyError


class Writer:
    """Writes `first`, and `second` when it may; as the process does, the file has no name meanwhile."""

    def __init__(self) -> None:
        self.go_on, self.begun = threading.Event(), threading.Event()
        self.written = 0
        self.stopped = threading.Event()

    def __call__(self, path: str, wanted: Callable[[], bool]) -> None:
        self.written += 1
        with Path(path).open("wb") as file:
            Path(path).unlink()
            file.write(b"first")
            file.flush()
            self.begun.set()
            while not self.go_on.wait(0.01):
                if not wanted():
                    self.stopped.set()
                    raise RuntimeError("nobody wants it")
            file.write(b"second")


@pytest.fixture
def writer() -> Iterator[Writer]:
    writer = Writer()
    yield writer
    writer.go_on.set()


def order(all_files: Files, writer: Writer, *, state: str = "now", key: str = "votes") -> GrowingFile:
    return all_files.order(key, lambda: state, writer, maker="votes")


def test_a_file_is_read_before_it_is_finished_and_has_no_name_by_then(writer: Writer):
    file = order(Files(), writer)
    pieces = file.pieces()

    assert next(pieces) == b"first"
    assert not Path(file.path).exists()
    assert not file.made.done()
    writer.go_on.set()
    assert b"".join(pieces) == b"second"


def test_a_file_is_made_once_for_all_who_want_the_same_and_anew_when_votes_came(writer: Writer):
    all_files = Files()
    writer.go_on.set()
    for _ in range(3):
        assert b"".join(order(all_files, writer).pieces()) == b"firstsecond"
    assert writer.written == 1

    assert b"".join(order(all_files, writer, state="later").pieces()) == b"firstsecond"
    assert writer.written == 2


def test_a_file_that_still_waits_to_be_made_will_hold_the_newest_votes_and_serves_all(writer: Writer):
    all_files, states = Files(), ["then", "now"]
    order(all_files, writer, key="another")  # keeps the one writer busy
    assert writer.begun.wait(30)
    waiting = [all_files.order("votes", lambda: states[-1], writer, maker="votes") for _ in range(2)]
    states.append("later")
    waiting.append(all_files.order("votes", lambda: states[-1], writer, maker="votes"))

    assert len({id(file) for file in waiting}) == 1
    writer.go_on.set()
    assert b"".join(waiting[0].pieces()) == b"firstsecond"
    assert waiting[0].state == "later"


def test_a_file_is_given_up_when_the_last_reader_leaves_and_not_before(writer: Writer):
    all_files = Files()
    file = order(all_files, writer)
    order(all_files, writer)
    first, second = file.pieces(), file.pieces()
    next(first)
    next(second)

    first.close()
    assert file.wanted()
    second.close()

    assert writer.stopped.wait(30)
    assert order(all_files, writer) is not file, "a file that was given up is made again for the next reader"


def test_a_file_that_somebody_ordered_waits_for_them_for_a_while(writer: Writer, monkeypatch: pytest.MonkeyPatch):
    file = order(Files(), writer)
    with file.reading():
        pass  # it was not for the one who ordered it second
    assert not file.wanted()

    monkeypatch.setattr(files, "GRACE_S", 0.2)
    file = order(Files(), writer)
    assert file.wanted()
    time.sleep(0.3)
    assert not file.wanted()


def test_who_reads_hears_why_a_file_cannot_be_made():
    def fail(path: str, wanted: Callable[[], bool]) -> None:
        raise StudyError("nobody has voted")

    all_files = Files()
    file = all_files.order("release", lambda: 1, fail, maker="results")

    with pytest.raises(StudyError, match="nobody has voted"):
        next(file.pieces())
    assert not Path(file.path).exists()
    with pytest.raises(StudyError):
        next(all_files.order("release", lambda: 1, fail, maker="results").pieces())  # it is tried again


def test_very_many_files_are_refused_and_old_ones_let_go(writer: Writer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(files, "MOST_WAITING", 2)
    all_files = Files()
    for key in "ab":
        order(all_files, writer, key=key)
    with pytest.raises(BusyError, match="try again in a minute"):
        order(all_files, writer, key="c")

    writer.go_on.set()
    for key in "ab":
        b"".join(order(all_files, writer, key=key).pieces())
    assert writer.written == 2
    monkeypatch.setattr(files, "KEPT_BYTES", 12)  # one of eleven bytes
    order(all_files, writer, key="c")
    assert all_files.ordered("a") is None
    assert all_files.ordered("b") is not None


def test_each_file_has_a_name_and_a_type_and_no_name_of_a_visitor_gets_into_a_header():
    assert named("eyes", "csv") == ("eyes.csv", "text/csv")
    assert named("eyes", "spreadsheet") == ("eyes-spreadsheet.csv", "text/csv")
    assert named("eyes", "numbers-json") == ("eyes-numbers.json", "application/json")
    assert named("eyes", "study") == ("eyes.toml", "application/toml")
    assert named("eyes", "figure:win-rates") == ("eyes-win-rates.svg", "image/svg+xml")
    for kind in ("", "xlsx", "figure:", 'figure:a"b', "figure:a\r\nSet-Cookie: x", "figure:" + "a" * 61):
        with pytest.raises(StudyError, match="there are: release, csv"):
            named("eyes", kind)
