"""The journal tells all that the database holds, survives torn lines, forgets who withdrew, and rebuilds the rest."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from evaluation.qualitative.ballot import Ballot, new_rater, rater_id
from evaluation.qualitative.session.ballot_sampling import draw
from evaluation.qualitative.store import earlier, events, journal
from evaluation.qualitative.store.database import StoreUnavailableError
from evaluation.qualitative.store.journal import Journal, JournalError, Torn, read
from evaluation.qualitative.store.rebuild import rebuild
from evaluation.qualitative.store.store import Store
from evaluation.qualitative.study import reading
from tests.support.folders import ROOT

DIGITS = reading.read("digits-by-training-step")

MOMENT = "2026-11-20T10:11:12.131415+00:00"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "votes.jsonl"


@pytest.fixture
def store(database_url: str, file: Path) -> Iterator[Store]:
    store = Store(database_url, journal=file)
    yield store
    store.close()


def issue(store: Store, *, rater: str | None = None) -> Ballot:
    return store.issue(draw(DIGITS, rater=rater or new_rater()))


def vote(store: Store, *, choice: str = "left", rater: str | None = None) -> Ballot:
    ballot = issue(store, rater=rater)
    store.cast(ballot.id, rater=ballot.rater, choice=choice, response_ms=800, reason="schärfer, ‘ja’")
    return ballot


def everything(store: Store) -> dict[str, list[tuple]]:
    with store.reading() as connection:
        return {
            table: sorted(map(str, connection.execute(sa.text(f"SELECT {columns} FROM {table}"))))
            for table, columns in {
                "ballots": "*",
                "votes": "ballot_id, revision, choice, reason, response_ms, cast_at",
                "events": "study, rater, kind, details, at",
                "participants": "*",
                "withdrawals": "*",
                "settings": "*",
            }.items()
        }


def test_a_rebuilt_database_equals_the_lost_one(store: Store, database_url: str, file: Path, tmp_path: Path):
    for choice in ("left", "right", "tie", "skip"):
        answered = vote(store, choice=choice)
    store.cast(answered.id, rater=answered.rater, choice="left", correct=True)
    issue(store)
    participant = events.participant_of(store, DIGITS.name, "5f2")
    events.join(store, DIGITS.name, rater=new_rater(), participant=participant, details={"participant": "5f2"})
    events.withdraw(store, DIGITS.name, rater=vote(store).rater)

    rebuilt = rebuild([file], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")

    assert (rebuilt.ballots, rebuilt.votes, rebuilt.events, rebuilt.withdrawn, rebuilt.torn) == (5, 5, 1, 1, [])
    back = Store(f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
    pd.testing.assert_frame_equal(back.results(DIGITS.name), store.results(DIGITS.name))
    if database_url.startswith("sqlite"):
        assert everything(back) == everything(store)
    assert back.key == store.key
    back.close()


def test_a_rebuilt_database_counts_on(store: Store, file: Path, database_url: str, request: pytest.FixtureRequest):
    ballot, waiting = vote(store), issue(store)
    new: Callable[[], str] = request.getfixturevalue("new_postgres_database")
    url = new()
    rebuild([file], url)

    back = Store(url)

    assert back.cast(ballot.id, rater=ballot.rater, choice="left").already_counted
    assert not back.cast(waiting.id, rater=waiting.rater, choice="right").already_counted
    assert list(back.results(DIGITS.name)["choice"]) == ["left", "right"]
    back.close()


def test_a_torn_last_line_is_reported_and_the_rest_comes_back(store: Store, file: Path, tmp_path: Path):
    vote(store)
    whole = file.read_bytes()
    lines = whole.count(b"\n")
    file.write_bytes(whole + b'{"line":"votes","ballot_')

    rebuilt = rebuild([file], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")

    assert rebuilt.torn == [Torn(number=lines + 1, text='{"line":"votes","ballot_')]
    assert rebuilt.votes == 1


def test_a_line_after_a_torn_one_is_not_torn_with_it(store: Store, file: Path):
    vote(store)
    with file.open("ab") as other:  # as a process that was killed in the middle of its line
        other.write(b'{"line":"votes","ballot_')

    ballot = vote(store)

    lines = list(read(file))
    assert [type(line) for line in lines].count(Torn) == 1
    assert [line["ballot_id"] for line in lines[-1:] if not isinstance(line, Torn)] == [ballot.id]


def test_a_vote_that_is_told_twice_counts_as_told_last(store: Store, file: Path, tmp_path: Path):
    vote(store, choice="left")
    *_, last = file.read_text().splitlines()
    with file.open("a") as other:  # as when the commit after the first line failed and the rater chose anew
        other.write(last.replace('"choice":"left"', '"choice":"right"') + "\n")

    rebuild([file], url := f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")

    back = Store(url)
    assert list(back.results(DIGITS.name)["choice"]) == ["right"]
    back.close()


def test_who_withdraws_is_neither_in_the_database_nor_in_the_journal(store: Store, file: Path):
    rater, participant = new_rater(), events.participant_of(store, DIGITS.name, "5f2a")
    events.join(store, DIGITS.name, rater=rater, participant=participant, details={"participant": "5f2a"})
    gone, stays = vote(store, rater=rater), vote(store)

    assert events.withdraw(store, DIGITS.name, rater=rater) == 1
    assert store.journal.compact() == 3

    text = file.read_text()
    assert gone.id not in text
    assert "5f2a" not in text
    left = [line for line in text.splitlines() if rater in line]
    assert [json.loads(line)["line"] for line in left] == ["participants", "withdrawals"]
    assert events.begun(store, DIGITS.name, participant=participant) == rater, "so the participant can't begin again"
    assert list(store.results(DIGITS.name)["ballot"]) == [stays.id]
    assert events.facts(store, DIGITS.name, rater=rater) == (True, [], [])
    assert stays.id in text
    vote(store)
    assert not [line for line in read(file) if isinstance(line, Torn)]


def test_another_process_goes_on_in_the_file_that_replaced_its_own(store: Store, file: Path, database_url: str):
    other = Store(database_url, journal=file)
    vote(other)
    events.withdraw(store, DIGITS.name, rater=vote(store).rater)

    ballot = vote(other)

    assert ballot.id in file.read_text()
    other.close()


def test_a_withdrawal_that_a_crash_kept_out_of_the_journal_is_finished_at_the_next_start(
    store: Store, file: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    ballot = vote(store)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "redact", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            events.withdraw(store, DIGITS.name, rater=ballot.rater)
    assert ballot.id in file.read_text()

    Store(database_url, journal=file).close()

    assert ballot.id not in file.read_text()


def test_a_withdrawal_writes_one_line_however_much_the_journal_holds(store: Store, file: Path, tmp_path: Path):
    gone = vote(store)
    for _ in range(5):
        vote(store)
    before = file.read_bytes()

    events.withdraw(store, DIGITS.name, rater=gone.rater)

    after = file.read_bytes()
    assert after.startswith(before)
    assert [json.loads(line)["line"] for line in after[len(before) :].splitlines()] == ["withdrawals"]
    rebuilt = rebuild([file], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")
    assert (rebuilt.ballots, rebuilt.withdrawn) == (5, 1), "the lines count no more, though they are still there"
    store.journal.compact()
    assert gone.id not in file.read_text()
    assert store.journal.compact() == 0


def test_an_invented_rater_who_withdraws_writes_nothing(store: Store, file: Path):
    vote(store)
    before, stored = file.read_bytes(), everything(store)

    assert events.withdraw(store, DIGITS.name, rater=new_rater()) == 0

    assert file.read_bytes() == before
    assert everything(store) == stored


def test_who_withdraws_again_and_again_writes_nothing_more(store: Store, file: Path):
    gone = vote(store)
    assert events.withdraw(store, DIGITS.name, rater=gone.rater) == 1
    before, stored = file.read_bytes(), everything(store)

    assert [events.withdraw(store, DIGITS.name, rater=gone.rater) for _ in range(3)] == [0, 0, 0]

    assert file.read_bytes() == before
    assert everything(store) == stored


def test_a_withdrawal_that_a_full_disk_kept_out_of_the_journal_is_finished_by_the_next_try(
    store: Store, file: Path, monkeypatch: pytest.MonkeyPatch
):
    gone = vote(store)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "redact", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(StoreUnavailableError):
            events.withdraw(store, DIGITS.name, rater=gone.rater)

    assert events.withdraw(store, DIGITS.name, rater=gone.rater) == 0

    store.journal.compact()
    assert gone.id not in file.read_text()


def test_a_crash_while_the_journal_is_compacted_leaves_it_whole(
    store: Store, file: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    gone, stays = vote(store), vote(store)
    events.withdraw(store, DIGITS.name, rater=gone.rater)
    before = file.read_bytes()
    with monkeypatch.context() as patch:  # the copy is on the disk, and has not taken the journal's place
        patch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            store.journal.compact()
    assert file.read_bytes() == before

    Store(database_url, journal=file).close()  # what the crash interrupted is done at the next start

    text = file.read_text()
    assert gone.id not in text
    assert stays.id in text
    assert not list(file.parent.glob("*.compacted"))


def test_votes_that_come_while_the_journal_is_compacted_are_in_it(
    store: Store, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    gone, stays = vote(store), vote(store)
    events.withdraw(store, DIGITS.name, rater=gone.rater)
    meanwhile, belongs = [], journal._belongs_to_withdrawn

    def slowly(*line: object) -> bool:
        if not meanwhile:
            meanwhile.append(vote(store))  # no lock is held, so it is stored at once
        return belongs(*line)

    monkeypatch.setattr(journal, "_belongs_to_withdrawn", slowly)
    assert store.journal.compact() == 2

    text = file.read_text()
    assert gone.id not in text
    assert stays.id in text
    assert text.count(meanwhile[0].id) == 2
    vote(store)
    assert rebuild([file], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}").votes == 3


def test_the_lines_of_who_withdrew_go_by_themselves(store: Store, file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal, "COMPACT_AFTER_S", 0.01)
    done, compact = threading.Event(), Journal.compact
    monkeypatch.setattr(Journal, "compact", lambda self: (compact(self), done.set()))
    gone = vote(store)

    events.withdraw(store, DIGITS.name, rater=gone.rater)

    assert done.wait(30)
    assert gone.id not in file.read_text()


def test_a_database_that_is_older_than_its_journal_is_told_whole(store: Store, file: Path, database_url: str):
    vote(store)
    lines = sorted(file.read_text().splitlines())
    file.unlink()

    Store(database_url, journal=file).close()

    assert sorted(file.read_text().splitlines()) == lines


def test_the_journal_of_another_database_is_set_aside(tmp_path: Path, file: Path):
    old = Store(f"sqlite:///{tmp_path / 'old.sqlite3'}", journal=file)
    ballot = vote(old)
    old.close()

    Store(f"sqlite:///{tmp_path / 'new.sqlite3'}", journal=file).close()

    assert ballot.id not in file.read_text()
    (aside,) = tmp_path.glob("votes.*.jsonl")
    assert ballot.id in aside.read_text()


def test_a_full_disk_refuses_the_vote_and_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    ballot = issue(store)
    before = (tmp_path / "votes.sqlite3.jsonl").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(StoreUnavailableError, match="try again"):
            store.cast(ballot.id, rater=ballot.rater, choice="left")

    assert (tmp_path / "votes.sqlite3.jsonl").read_bytes() == before
    assert store.count(DIGITS.name) == 0
    assert not store.cast(ballot.id, rater=ballot.rater, choice="left").already_counted
    store.close()


def test_a_line_that_makes_no_sense_is_refused_with_its_text(store: Store, file: Path, tmp_path: Path):
    with file.open("a") as other:
        other.write(json.dumps({"line": "votes", "choice": "left"}) + "\n")

    with pytest.raises(JournalError, match=r"votes.jsonl has a line that is not valid: .*'choice': 'left'"):
        rebuild([file], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")


def test_journals_of_two_databases_are_not_mixed(tmp_path: Path):
    for name in ("a", "b"):
        Store(f"sqlite:///{tmp_path / name}").close()

    with pytest.raises(JournalError, match="belong to 2 databases"):
        rebuild([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")


def test_a_database_that_holds_something_is_not_built_over(store: Store, file: Path, database_url: str):
    before = everything(store)

    with pytest.raises(StoreUnavailableError, match="is not empty"):
        rebuild([file], database_url)

    assert everything(store) == before


def test_the_command_rebuilds_and_says_what_was_torn(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'votes.sqlite3'}")
    vote(store)
    store.close()
    journal, target = tmp_path / "votes.sqlite3.jsonl", f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}"
    journal.write_bytes(journal.read_bytes() + b'{"line":')
    command = [sys.executable, "-m", "evaluation.qualitative.store.rebuild"]

    done = subprocess.run(
        [*command, journal, "--database", target], cwd=ROOT, capture_output=True, text=True, check=True
    )
    again = subprocess.run([*command, journal, "--database", target], cwd=ROOT, capture_output=True, text=True)
    nothing = subprocess.run([*command, "nothing", "--database", target], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout.startswith(
        "Restored ballots: 1; votes: 1; events: 0.\n"
        "Left out, because a crash cut it off before it was acknowledged: line 4, "
    )
    assert (again.returncode, again.stderr.strip()) == (
        1,
        "The database is not empty: rebuild into an empty one.",
    )
    assert nothing.stderr.startswith("The journal can't be read:")


SECRET, PAID = "somebody-of-the-past", "p-" + "5f" * 20  # as the version before stored raters
BEFORE = [
    {"line": "ballots", "id": "mine", "rater": SECRET, "left": "real", "right": "step-500"},
    {"line": "ballots", "id": "paid", "rater": PAID, "left": "real", "right": "step-500"},
    {"line": "votes", "ballot_id": "mine", "rater": SECRET, "revision": 0, "choice": "left", "cast_at": MOMENT},
    {"line": "votes", "ballot_id": "paid", "rater": PAID, "revision": 0, "choice": "tie", "cast_at": MOMENT},
    {"line": "events", "rater": PAID, "kind": "joined", "details": {"PROLIFIC_PID": "5f", "SESSION_ID": "s"}},
    {"line": "withdrawals", "rater": "gone-and-forgotten-0"},
]


def of_the_version_before(key: str) -> str:
    """A journal in which a line names the secret of its rater."""
    rest = {"study": DIGITS.name, "left_seed": 1, "right_seed": 2, "pair_probability": 0.1, "issued_at": MOMENT}
    lines = [
        {**(rest if line["line"] == "ballots" else {"study": DIGITS.name, "at": MOMENT}), **line} for line in BEFORE
    ]
    first = {"line": "settings", "name": "key", "value": key}
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in [first, *lines])


def test_a_journal_of_the_version_before_loses_its_secrets_at_the_start(store: Store, file: Path, database_url: str):
    file.write_text(of_the_version_before(store.key))

    Store(database_url, journal=file).close()

    text = file.read_text()
    assert not [secret for secret in (SECRET, PAID, "gone-and-forgotten-0", "PROLIFIC_PID") if secret in text]
    assert text.count(rater_id(store.key, DIGITS.name, SECRET)) == 2
    Store(database_url, journal=file).close()
    assert file.read_text() == text


def test_a_journal_of_the_version_before_is_rebuilt_into_the_ids_of_today(file: Path, tmp_path: Path):
    key = "ab" * 32
    file.write_text(of_the_version_before(key))

    rebuild([file], url := f"sqlite:///{tmp_path / 'rebuilt.sqlite3'}")

    back = Store(url)
    mine, paid = (rater_id(key, DIGITS.name, secret) for secret in (SECRET, PAID))
    assert list(back.results(DIGITS.name)["rater"]) == [mine, paid]
    assert events.begun(back, DIGITS.name, participant=earlier.participant(key, PAID)) == paid
    withdrawn, [joined], [record] = events.facts(back, DIGITS.name, rater=paid)
    assert (withdrawn, joined.details, record.ballot.id) == (False, {"participant": "5f", "session": "s"}, "paid")
    assert events.facts(back, DIGITS.name, rater=rater_id(key, DIGITS.name, "gone-and-forgotten-0"))[0]
    assert back.cast("mine", rater=mine, choice="left").already_counted
    back.close()
