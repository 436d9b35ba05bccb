"""The audit of the benchmarks sees a vote that is lost, changed, counted twice, or was never sent."""

from pathlib import Path

from benchmarks.votes.ledger import Audit, Ledger, audit
from evaluation.qualitative.ballot import Choice
from evaluation.qualitative.store.store import Store
from tests.support.votes import DIGITS, issue


def test_each_error_is_counted(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/votes.sqlite3"
    store = Store(url)
    kept, changed, never_sent, unclear, twice = (issue(store) for _ in range(5))
    for ballot in (kept, changed, never_sent, unclear, twice):
        store.cast(ballot.id, rater=ballot.rater, choice=Choice.LEFT)
    store.close()
    first = Ledger(acknowledged={kept.id: "left", changed.id: "right"}, unclear={unclear.id: "left"})
    second = Ledger(acknowledged={"a-ballot-that-is-gone": "left", twice.id: "left"})
    second.fresh[twice.id] = 2

    assert audit(url, [first, second], study=DIGITS.name) == Audit(lost=2, twice=1, unknown=1)


def test_the_audit_does_not_bring_a_lost_journal_back(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/votes.sqlite3"
    store = Store(url)
    ballot = issue(store)
    store.cast(ballot.id, rater=ballot.rater, choice=Choice.LEFT)
    store.close()
    journal = tmp_path / "votes.sqlite3.jsonl"
    journal.unlink()

    audit(url, [Ledger(acknowledged={ballot.id: "left"})], study=DIGITS.name)

    assert not journal.exists()
